"""Waits in a call, ``waits.py CALL``, while another thread answers a line on standard input with ``go``.

The call waits for somebody who waits for this answer. It prints whether that came, and not the end of its time.
"""

import sys
import threading

import say

# The call must come back by itself some time, so that the test can fail.
CALL_S = 15


def answer() -> None:
    sys.stdin.readline()
    print("go", flush=True)


def blocking() -> bool:
    # The context exists elsewhere: entering it exports nothing, and one call alone waits. Between two of them
    # the other thread would get its turn in any case.
    with say.context(None, "blocking"):
        return bool(say.export({"number": 0}))


CALLS = {
    "blocking": blocking,
    "full-queue": lambda: say.send("full", range(3)),
    "flush": lambda: say.flush(CALL_S),
    "close": lambda: say.close(CALL_S),
    # The collector ends the connection, which is another sentence than that of a time-out.
    "check": lambda: "was closed" in say.check(CALL_S),
}

if __name__ == "__main__":
    call = sys.argv[1]
    if call in ("flush", "close"):
        say.send(call, [0])
    thread = threading.Thread(target=answer)
    thread.start()
    print(CALLS[call](), flush=True)
    thread.join()
