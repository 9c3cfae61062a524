"""Lets the tests of this folder import what plays the scenarios."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
