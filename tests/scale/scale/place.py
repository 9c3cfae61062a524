"""Where things are: what the set-up made, the configuration files, and a run's own folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

CONFIG = Path(__file__).resolve().parent.parent / "config"


def setup_folder() -> Path:
    """What setup.sh made."""
    return Path(os.environ["SCALE_FOLDER"])


class Place:
    """A folder for logs, sockets, certificates and Kafka's data, below the set-up's; removed unless the run failed."""

    def __init__(self, name: str) -> None:
        parent = setup_folder() / "runs"
        parent.mkdir(exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=parent))

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def make(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
