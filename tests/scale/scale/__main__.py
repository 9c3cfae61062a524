"""Runs what is named, or everything: `make scale`, `make scale RUNS="forward tiers"`."""

from __future__ import annotations

import sys
import time
import traceback

from scale import table
from scale.runs import RUNS


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in RUNS]
    if unknown:
        print(f"scale: no run is called {' '.join(unknown)}; there are {' '.join(RUNS)}", file=sys.stderr)
        return 2
    passed = failed = 0
    for name in names or RUNS:
        run = RUNS[name]
        print(f"{name}: {run.__doc__}", flush=True)
        began = time.monotonic()
        try:
            run()
        except Exception as error:  # one run that fails should not hide the others
            failed += 1
            if not isinstance(error, (AssertionError, RuntimeError)):
                traceback.print_exc(file=sys.stdout)
            print(f"FAILED: {name}: {error}", flush=True)
        else:
            passed += 1
            print(f"ok: {name} ({time.monotonic() - began:.0f} s)", flush=True)
    table.print_all()
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
