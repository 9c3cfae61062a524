"""Tasks for celery, with folders as the broker. As a program it asks for the tasks 0 to 99."""

import os
from pathlib import Path

import say
from celery import Celery

FOLDER = Path(os.environ["TASKS_FOLDER"])
DONE = FOLDER / "done"

app = Celery("tasks", broker="filesystem://")
app.conf.update(
    broker_transport_options={
        "polling_interval": 0.02,
        **{
            name: str(FOLDER / where)
            for name, where in [
                ("data_folder_in", "queue"),
                ("data_folder_out", "queue"),
                ("processed_folder", "processed"),
                ("control_folder", "control"),
            ]
        },
    },
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
)


@app.task
def export(number: int) -> None:
    """Exports the number in a context of its own."""
    with say.context("task", f"task{number}"):
        say.export({"number": number, "pid": os.getpid()})
    (DONE / str(number)).touch()


if __name__ == "__main__":
    for number in range(100):
        export.delay(number)
