"""OpenTelemetry Collectors: gateways and agents, each with the configuration file that the documents show."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from scale.place import CONFIG, Place, setup_folder
from scale.ports import free_port
from scale.processes import Program, wait_for


class Collector(Program):
    """A collector with health checks and metrics, and what its file asks for in `settings`."""

    def __init__(self, name: str, config: str, place: Place, settings: Mapping[str, str]) -> None:
        self.health_port, self._metrics_port = free_port(), free_port()
        env = {
            "HEALTH": f"127.0.0.1:{self.health_port}",
            "METRICS_HOST": "127.0.0.1",
            "METRICS_PORT": str(self._metrics_port),
            **settings,
        }
        self.config = config
        command = [str(setup_folder() / "otelcol"), "--config", str(CONFIG / config)]
        super().__init__(name, command, place.log(name), env)

    def use(self, config: Path) -> None:
        """Another file, from the next start on."""
        self._command[-1] = str(config)

    def start(self) -> None:
        self.start_again()
        wait_for(f"the health of {self.name}", self.is_healthy, 60, self)

    def start_again(self) -> None:
        """After a kill, without waiting for more than the process."""
        super().start()

    def is_healthy(self) -> bool:
        return _get(f"http://127.0.0.1:{self.health_port}/") is not None

    def has_settled(self) -> bool:
        """Whether everything that this life took has left it, for good or not; one that says nothing has not."""
        if not self.is_healthy():
            return False
        went = ("sent", "send_failed", "enqueue_failed")
        left = sum(self.metric(f"otelcol_exporter_{word}_log_records") for word in went)
        return left >= self.metric("otelcol_receiver_accepted_log_records")

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels; 0 for one that has not been counted yet."""
        text = _get(f"http://127.0.0.1:{self._metrics_port}/metrics") or ""
        lines = [line for line in text.splitlines() if line.split("{")[0] == name]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    def metric_names(self) -> set[str]:
        """What it has counted yet."""
        text = _get(f"http://127.0.0.1:{self._metrics_port}/metrics") or ""
        return {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}


class ForwardGateway(Collector):
    """Forward on four ports and OTLP/HTTP in the clear, into Kafka."""

    def __init__(
        self, name: str, place: Place, kafka: str, topic: str, config: str, more: Mapping[str, str] | None = None
    ) -> None:
        self.ports = [free_port() for _ in range(4)]
        self.otlp_port = free_port()
        settings = {f"FORWARD_{n}": f"127.0.0.1:{port}" for n, port in enumerate(self.ports, 1)}
        settings |= {"OTLP_HTTP": f"127.0.0.1:{self.otlp_port}", "KAFKA": kafka, "TOPIC": topic}
        settings |= more or {}
        super().__init__(name, config, place, settings)


class Gateway(Collector):
    """OTLP over mutual TLS, into Kafka."""

    def __init__(self, name: str, place: Place, kafka: str, topic: str, certificates: Path) -> None:
        self.otlp_port = free_port()
        settings = {
            "OTLP_HTTP": f"127.0.0.1:{self.otlp_port}",
            "OTLP_GRPC": f"127.0.0.1:{free_port()}",
            "CERTIFICATES": str(certificates),
            "KAFKA": kafka,
            "TOPIC": topic,
        }
        super().__init__(name, "gateway.yaml", place, settings)


class Agent(Collector):
    """Forward on a unix socket, a queue in files, OTLP over mutual TLS to the gateways."""

    def __init__(self, name: str, place: Place, gateway: str, certificates: Path, config: str = "agent.yaml") -> None:
        self.socket = place.folder / f"{name}.sock"
        settings = {
            "SOCKET": str(self.socket),
            "GATEWAY": gateway,
            "CERTIFICATES": str(certificates),
            "QUEUE": str(place.folder / f"{name}-queue"),
        }
        super().__init__(name, config, place, settings)

    def start_again(self) -> None:
        # The receiver does not listen where a killed one left its socket.
        self.socket.unlink(missing_ok=True)
        super().start_again()


def busiest(*collectors: Collector) -> Collector:
    """The one that took most in its life.

    Of several endpoints a client begins with one by chance, and a kill of a gateway that nobody uses proves nothing.
    """

    def took(collector: Collector) -> float:
        return collector.metric("otelcol_receiver_accepted_log_records")

    wait_for("a collector to take events", lambda: any(took(one) > 0 for one in collectors), 60)
    return max(collectors, key=took)


def _get(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, OSError):
        return None
