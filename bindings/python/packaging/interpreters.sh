#!/bin/sh
# Prints the Pythons of this machine, one path a line and one of each version: those on PATH, and those that pyenv
# keeps.
set -u

{
    for name in python3 python3.8 python3.9 python3.10 python3.11 python3.12 python3.13 python3.13t python3.14 \
        python3.14t pypy3; do
        command -v "$name" || :
    done
    root=${PYENV_ROOT:-$(pyenv root 2>/dev/null)} && ls "$root"/versions/*/bin/python3
} 2>/dev/null | while read -r python; do
    # A shim of pyenv is there for versions that are not chosen, too, and fails.
    "$python" -c '
import platform, sys, sysconfig
gil = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
if sys.version_info >= (3, 8):
    print("%s-%d.%d%s %s" % (platform.python_implementation(), *sys.version_info[:2], gil, sys.executable))' 2>/dev/null
done | sort -V -s -u -k 1,1 | cut -d " " -f 2
