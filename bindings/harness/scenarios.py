"""Plays the conformance scenarios of the levels ``c`` and ``binding`` through a language package and judges them.

    scenarios.py [--cannot FILE] [--only ID]... -- COMMAND...

``COMMAND... SCENARIOS.json ID`` plays one scenario, in a process of its own with the options in its environment, and
prints one JSON object: ``results`` (for each operation ``ok`` or ``err``, and ``emits``), ``records`` (texts as
``take`` gives them), ``stats`` by the names of ``mona_stats``, ``started`` and ``ended`` in seconds. FILE has what the
language cannot say, ``{"id": "reason"}``. The closing line counts.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List, Tuple

_ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(_ROOT / "bindings" / "python" / "tests" / "dropin"))

from scenario_judge import judge  # noqa: E402

_FILE = _ROOT / "tests" / "conformance" / "scenarios.json"
# 109 that the C interface passes and 29 for languages.
_COUNT = 138
# As many as the smallest machine has cores.
_AT_ONCE = 2
# Only ends a hang: the longest wait five times for a config file, and a loaded machine is slow to start a runtime.
_HANG_S = 300
# What is read of the environment to find the library; the rest of MONA_ would be options.
_KEPT = ("MONA_LIBRARY",)
# As the scenarios were recorded: larger and deeper events than libmona's default, NaN as it is.
_AS_RECORDED = {
    "MONA_ENDPOINT": "memory:",
    "MONA_FLUSH_INTERVAL_MS": "1",
    "MONA_MAX_EVENT_BYTES": "1048576",
    "MONA_MAX_DEPTH": "512",
    "MONA_NONFINITE": "ieee",
}
# The longest piece of a player's own words in a report.
_SAID = 2_000


def _environment(scenario: Dict[str, Any], config: str) -> Dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("MONA_") or name in _KEPT
    }
    return {**kept, **_AS_RECORDED, "MONA_CLIENT_CONFIG_FILE": config, **scenario["env"]}


def _play(scenario: Dict[str, Any], command: List[str]) -> Tuple[Dict[str, Any], List[str]]:
    """What the player printed, or what is wrong with it."""
    with tempfile.TemporaryDirectory(prefix="mona-") as folder:
        config = os.path.join(folder, "config.json")
        if scenario["config"] is not None:
            pathlib.Path(config).write_text(scenario["config"], encoding="utf-8")
        try:
            done = subprocess.run(
                [*command, str(_FILE), scenario["id"]],
                env=_environment(scenario, config),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_HANG_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {}, [f"still runs after {_HANG_S} s"]
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    # A runtime may say something of its own before.
    lines = [line for line in out.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        return {}, [f"status {done.returncode}: {(err or out)[-_SAID:].strip()}"]
    try:
        return json.loads(lines[-1]), []
    except ValueError as error:
        return {}, [f"{error}: {lines[-1][:_SAID]}"]


def _as_wanted(scenario: Dict[str, Any], op: Dict[str, Any], wanted: Any, got: Any) -> Any:
    """What a language gave, put as the recorded client would have: errors have names of their own, the empty text and
    nothing are the same, and where exceptions are switched off an error stands for what the client answers then.
    """
    if "err" in got:
        is_quiet = "MONA_SHOULD_RAISE_EXCEPTIONS" in scenario["env"]
        if "err" in wanted:
            return {**got, "err": wanted["err"]}
        if is_quiet and op["op"] in ("export", "export_batch", "init"):
            return {**wanted, "emits": wanted["emits"] if op["op"] != "export_batch" else got["emits"]}
    elif "ok" in wanted and wanted["ok"] in (None, "") and got.get("ok") in (None, ""):
        return {**got, "ok": wanted["ok"]}
    return got


def _is_balanced(stats: Dict[str, int]) -> bool:
    dropped = sum(number for name, number in stats.items() if name.startswith("dropped_"))
    waiting = stats.get("queued_events", 0) + stats.get("spooled_events", 0)
    return stats.get("accepted", 0) == stats.get("delivered", 0) + dropped + waiting


def differences(scenario: Dict[str, Any], command: List[str]) -> List[str]:
    """Plays a scenario and says every difference in a line; none: it passed."""
    seen, faults = _play(scenario, command)
    if faults:
        return faults
    try:
        seen["results"] = [
            _as_wanted(scenario, op, wanted, got)
            for op, wanted, got in zip(scenario["ops"], scenario["results"], seen["results"])
        ]
        records = [json.loads(record) for record in seen["records"]]
        found = judge(scenario, seen, records)
        if not _is_balanced(seen["stats"]):
            found.append(f"the counters do not add up: {seen['stats']}")
        if seen["stats"].get("delivered", 0) != len(scenario["wire"]):
            found.append(f"{seen['stats'].get('delivered')} delivered, {len(scenario['wire'])} are expected")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [f"{type(error).__name__} {error} in {str(seen)[:_SAID]}"]
    return found


def main() -> None:
    """Plays them all and counts."""
    parser = argparse.ArgumentParser(description="Plays the conformance scenarios.")
    parser.add_argument("--cannot", type=pathlib.Path, metavar="FILE", help="what the language cannot say")
    parser.add_argument("--only", action="append", metavar="ID", help="this scenario; repeatable")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    # Records may be as deep as the option max_depth lets them.
    sys.setrecursionlimit(10_000)
    everything = json.loads(_FILE.read_text(encoding="utf-8"))["scenarios"]
    scenarios = [one for one in everything if one["level"] in ("c", "binding")]
    if len(scenarios) != _COUNT:
        sys.exit(f"{_FILE}: {len(scenarios)} scenarios, {_COUNT} are expected")
    cannot = json.loads(arguments.cannot.read_text(encoding="utf-8")) if arguments.cannot else {}
    unknown = (set(cannot) | set(arguments.only or ())) - {one["id"] for one in scenarios}
    if unknown:
        sys.exit(f"no such scenarios: {', '.join(sorted(unknown))}")
    if arguments.only:
        scenarios = [one for one in scenarios if one["id"] in arguments.only]
    for name, reason in cannot.items():
        print(f"skipped: scenario {name} ({reason})")
    played = [one for one in scenarios if one["id"] not in cannot]
    failed = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for one, found in zip(played, pool.map(lambda one: differences(one, arguments.command), played)):
            if found:
                failed += 1
                print(f"FAILED: scenario {one['id']} ({one['title']})", *found, sep="\n  ", flush=True)
    print(f"{len(played) - failed} passed, {failed} failed, {len(scenarios) - len(played)} skipped")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
