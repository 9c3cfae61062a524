"""Sums up what Maven's Surefire reported: ``reports.py FOLDER``. Prints what failed, and the closing line."""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def main() -> None:
    """Reads every report of the folder."""
    passed = failed = skipped = 0
    for file in sorted(pathlib.Path(sys.argv[1]).glob("TEST-*.xml")):
        for case in ElementTree.parse(file).getroot().iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            fault = case.find("failure") if case.find("failure") is not None else case.find("error")
            missing = case.find("skipped")
            if fault is not None:
                failed += 1
                print(f"FAILED: {name}\n{(fault.text or '')[:2000]}")
            elif missing is not None:
                skipped += 1
                reason = missing.get("message") or (missing.text or "").strip() or "no reason is given"
                print(f"skipped: {name} ({reason.splitlines()[0]})")
            else:
                passed += 1
    # No report at all is a build that broke.
    failed += passed + failed + skipped == 0
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
