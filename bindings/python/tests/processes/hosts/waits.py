"""Waits in a call, ``waits.py CALL``, while another thread answers a line on standard input.

It prints ``go`` for the line and ``done`` after the call: in this order where the call lets threads run.
"""

import sys
import threading

import say

# The call must come back by itself some time, so that the test can fail.
CALL_S = 15


def answer() -> None:
    sys.stdin.readline()
    print("go", flush=True)


def full_queue() -> None:
    for number in range(3):
        say.send("full", [number])


CALLS = {
    "blocking": lambda: say.send("blocking", [0]),
    "full-queue": full_queue,
    "flush": lambda: say.flush(CALL_S),
    "close": lambda: say.close(CALL_S),
    "check": lambda: say.check(CALL_S),
}

if __name__ == "__main__":
    call = sys.argv[1]
    if call in ("flush", "close"):
        say.send(call, [0])
    thread = threading.Thread(target=answer)
    thread.start()
    CALLS[call]()
    print("done", flush=True)
    thread.join()
