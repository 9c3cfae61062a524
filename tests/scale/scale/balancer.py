"""HAProxy before two gateways."""

from __future__ import annotations

import os
import shutil

from scale.collector import ForwardGateway, Gateway
from scale.place import CONFIG, Place
from scale.ports import free_port, is_open
from scale.processes import Program, wait_for


class Balancer(Program):
    """HAProxy with the file of the documents, in one process."""

    def __init__(self, place: Place, a: Gateway | ForwardGateway, b: Gateway | ForwardGateway) -> None:
        self.port = free_port()
        # Debian has it where only root looks.
        program = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
        assert program is not None, "haproxy is not installed"
        env = {
            "BALANCER": f"127.0.0.1:{self.port}",
            "GATEWAY_A": f"127.0.0.1:{a.otlp_port}",
            "GATEWAY_B": f"127.0.0.1:{b.otlp_port}",
            "HEALTH_A": str(a.health_port),
            "HEALTH_B": str(b.health_port),
        }
        # -db: no process in the background, so that a kill ends all of it.
        command = [program, "-db", "-f", str(CONFIG / "haproxy.cfg")]
        super().__init__("haproxy", command, place.log("haproxy"), env)

    def start(self) -> None:
        self.start_again()
        wait_for("HAProxy's port", lambda: is_open(self.port), 20, self)

    def start_again(self) -> None:
        """After a kill, without waiting for more than the process."""
        super().start()
