"""One subject of the benchmark in a process of its own: says what each case costs, when it is asked.

    subject.py NAME      NAME: extension, fallback, older

Reads lines of JSON ``[case, calls]`` and answers each with the CPU time of the calling thread in nanoseconds a call,
or null for a case that the subject does not have. The first line it writes is the list of its cases. The older client
sends to ``MONA_HOST`` and ``MONA_PORT``; ours goes to ``null:``.
"""

import json
import os
import sys
import time
from typing import Any, Callable, Dict

# Seven fields of every kind that a model exports.
EVENT = (
    '{"model": "ranker", "score": 0.9731, "rank": 3, "country": "IL", "cached": True,'
    ' "latency_ms": 12.5, "tries": 1}'
)
NESTED = '{"model": "ranker", "score": 0.9731, "scores": [0.1, 0.2, 0.7], "request": {"country": "IL", "tries": 1}}'

Loop = Callable[[int], None]


def loop(statement: str, names: Dict[str, Any]) -> Loop:
    """Compiles a function that does a statement so often."""
    space: Dict[str, Any] = {}
    head = f"def run(times, {', '.join(f'{name}={name}' for name in names)}):"
    exec(f"{head}\n for _ in range(times):\n  {statement}\n", dict(names), space)
    made: Loop = space["run"]
    return made


def disabled(run: Loop) -> Loop:
    """Runs with MONA_DISABLE_ALL set."""

    def inside(times: int) -> None:
        os.environ["MONA_DISABLE_ALL"] = "1"
        try:
            run(times)
        finally:
            del os.environ["MONA_DISABLE_ALL"]

    return inside


def outside(client: Any, run: Loop) -> Loop:
    """Runs with no context open."""

    def inside(times: int) -> None:
        client.reset()
        try:
            run(times)
        finally:
            client.init("bench")

    return inside


def cases_of(name: str) -> Dict[str, Loop]:
    """What there is to measure."""
    import mona_client.client as client

    if name == "older":
        client.init_client()
    else:
        client.init_client(endpoint="null:")
    client.init("bench")
    names = {"export": client.export, "context": client.new_mona_context}
    export = loop(f"export({EVENT})", names)
    cases = {
        "loop": loop("pass", {}),
        "dict": loop(EVENT, {}),
        "empty": loop("nothing(event)", {"nothing": lambda message: None, "event": {}}),
        "export": export,
        "nested": loop(f"export({NESTED})", names),
        "disabled": disabled(export),
        "with": outside(client, loop('with context("x"): pass', names)),
    }
    if name != "older":
        import mona

        cases["mona.export"] = loop(
            'export(model="ranker", score=0.9731, rank=3, country="IL", cached=True, latency_ms=12.5, tries=1)',
            {"export": mona.export},
        )
        cases["mona.context"] = outside(client, loop('with context("x"): pass', {"context": mona.context}))
    return cases


def main() -> None:
    """Answers until its input ends."""
    cases = cases_of(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w")
    # Whatever else is printed goes where people look.
    os.dup2(2, 1)
    print(json.dumps(sorted(cases)), file=answers, flush=True)
    for line in sys.stdin:
        case, calls = json.loads(line)
        run = cases.get(case)
        spent = None
        if run is not None:
            began = time.thread_time_ns()
            run(calls)
            spent = (time.thread_time_ns() - began) / calls
        print(json.dumps(spent), file=answers, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
