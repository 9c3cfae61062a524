"""Lets the tests of this folder import their helpers, and programs that they start find them."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
