"""The ARC assembler of scale/assembler, as setup.sh built it."""

from __future__ import annotations

from pathlib import Path

from scale.place import Place, setup_folder
from scale.ports import free_port
from scale.processes import Program

_RUN = Path(__file__).resolve().parents[3] / "scale" / "assembler" / "run.sh"


class Assembler(Program):
    """One process of it."""

    def __init__(self, place: Place, kafka: str, topic: str, gap: str) -> None:
        env = {
            "MONA_ASSEMBLER_BUILD": str(setup_folder() / "assembler"),
            "MONA_ASSEMBLER_SERVERS": kafka,
            "MONA_ASSEMBLER_INPUT": topic,
            "MONA_ASSEMBLER_STATE": str(place.folder / "assembler"),
            "MONA_ASSEMBLER_GAP": gap,
            "MONA_ASSEMBLER_HEALTH_PORT": str(free_port()),
        }
        # run.sh puts Java in its own place, so a kill is Java's.
        super().__init__("assembler", ["sh", str(_RUN)], place.log("assembler"), env)
