"""The assembler against a real Kafka: ``kafka.py FOLDER``, where it was built. Prints a closing line."""

import pathlib
import sys
import threading
import time
import traceback

from rig import Rig

#: Two minutes of events for a machine of two cores.
ARCS = 30_000
#: Events a second.
RATE = 12_000
EVENTS = ARCS * 10
#: One event of a hundred comes twice.
COPIES = 1
#: As an OpenTelemetry Collector merges them when it is not busy.
PER_RECORD = 100


def sending(rig: Rig) -> threading.Thread:
    """Sends all events in a thread of its own."""
    send = ("send", "mona", str(ARCS), "500", str(COPIES), str(RATE), str(PER_RECORD))
    thread = threading.Thread(target=lambda: print(rig.load(*send).stdout.strip()))
    thread.start()
    return thread


def checked(rig: Rig) -> None:
    """All ARCs are there, whole, each version once; `read_committed`."""
    check = rig.load("check", "arcs", str(ARCS), "240")
    print(check.stdout.strip() or check.stderr)
    if check.returncode != 0:
        raise RuntimeError("rows are missing, or there twice, or not whole")


def killed_in_mid_stream(build: pathlib.Path) -> None:
    """kill -9 while it reads, again while it closes, and once more when it has just been started again."""
    with Rig(build) as rig:
        rig.topic("mona", 3)
        first = rig.assembler("one", gap="8s")
        first.wait_running()
        thread = sending(rig)
        first.wait(120, lambda counters: counters["events"] > EVENTS // 4)
        first.kill()
        second = rig.assembler("one", gap="8s")
        second.wait(180, lambda counters: counters["arcs"] > ARCS // 10)
        second.kill()
        third = rig.assembler("one", gap="8s")
        time.sleep(4)
        third.kill()
        # With an empty disk: all of its state comes out of Kafka.
        fourth = rig.assembler("other", gap="8s")
        thread.join()
        checked(rig)
        if fourth.stop() != 143:
            raise RuntimeError(f"it ended badly: {fourth.tail()}")


def shared_and_handed_over(build: pathlib.Path) -> None:
    """A second one joins, the first is asked to end: nothing is lost and nothing is there twice."""
    with Rig(build) as rig:
        rig.topic("mona", 3)
        first = rig.assembler("one", gap="8s")
        first.wait_running()
        thread = sending(rig)
        first.wait(120, lambda counters: counters["events"] > EVENTS // 4)
        second = rig.assembler("two", gap="8s")
        second.wait(180, lambda counters: counters["events"] > 0 or counters["arcs"] > 0)
        if first.stop() != 143:
            raise RuntimeError(f"it ended badly: {first.tail()}")
        thread.join()
        checked(rig)
        if second.page("health").strip() != "RUNNING":
            raise RuntimeError(f"it is not well: {second.tail()}")


def main() -> None:
    """Runs them one after the other."""
    build = pathlib.Path(sys.argv[1]).resolve()
    failed = 0
    tests = (killed_in_mid_stream, shared_and_handed_over)
    for test in tests:
        try:
            test(build)
        except Exception:  # a test that fails says how, and the next one runs
            traceback.print_exc(file=sys.stdout)
            print(f"FAILED: {test.__name__}")
            failed += 1
        else:
            print(f"ok: {test.__name__}")
    print(f"{len(tests) - failed} passed, {failed} failed, 0 skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
