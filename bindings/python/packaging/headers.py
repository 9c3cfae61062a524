"""Finds a CPython that the extension can be compiled with, 3.10 or later with its headers, among the commands given.

    headers.py COMMAND...

Prints the first one's path; fails where there is none.
"""

import subprocess
import sys

LOOK = """
import os, platform, sys, sysconfig
there = os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
gil = not sysconfig.get_config_var("Py_GIL_DISABLED")
if platform.python_implementation() == "CPython" and sys.version_info >= (3, 10) and there and gil:
    print(sys.executable)
"""


def main() -> int:
    for command in sys.argv[1:]:
        try:
            looked = subprocess.run([command, "-c", LOOK], check=False, capture_output=True, text=True)
        except OSError:
            continue
        if looked.stdout.strip():
            print(looked.stdout.strip())
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
