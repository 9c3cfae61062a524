"""A Kafka, assemblers and what sends and checks: processes of their own, on free ports, in a folder that goes."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def java() -> str:
    """The Java to use."""
    home = os.environ.get("JAVA_HOME")
    return f"{home}/bin/java" if home else "java"


class Rig:
    """One folder with one broker, and what was started beside it."""

    def __init__(self, build: pathlib.Path) -> None:
        self.build = build
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mona-assembler-"))
        self.started: list[subprocess.Popen] = []
        self.servers = ""
        self.broker: subprocess.Popen | None = None

    def __enter__(self) -> "Rig":
        try:
            self.start_broker()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.started):
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, log: str, *command: str) -> subprocess.Popen:
        with (self.folder / log).open("ab") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=self.folder)
        self.started.append(process)
        return process

    def _tools(self) -> str:
        return f"{self.build}/test-classes:{self.build}/classes:{self.build}/test-lib/*"

    def start_broker(self) -> None:
        """A broker and controller in one, of the jars of Maven."""
        port, controller = free_port(), free_port()
        self.servers = f"127.0.0.1:{port}"
        config = self.folder / "server.properties"
        config.write_text(
            f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={self.folder}/kafka
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
default.replication.factor=1
""",
            encoding="utf-8",
        )
        format_ = (
            java(),
            "-cp",
            self._tools(),
            "kafka.tools.StorageTool",
            "format",
            "-t",
            "MkU3OEVBNTcwNTJENDM2Qg",
            "-c",
        )
        subprocess.run((*format_, str(config)), check=True, capture_output=True, cwd=self.folder)
        heap = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
        self.broker = self._run("kafka.log", java(), *heap, "-cp", self._tools(), "kafka.Kafka", str(config))

    def load(self, *arguments: str) -> subprocess.CompletedProcess:
        """Runs dev.libmona.assembler.Load to its end."""
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
        command = (
            java(),
            "-Xmx700m",
            "-XX:+UseSerialGC",
            quiet,
            "-cp",
            self._tools(),
            "dev.libmona.assembler.Load",
        )
        kind, *rest = arguments
        return subprocess.run(
            (*command, kind, self.servers, *rest), capture_output=True, text=True, check=False
        )

    def topic(self, name: str, partitions: int) -> None:
        """Makes a topic, as soon as the broker takes it."""
        for _ in range(3):
            # Each waits for a minute: on a busy machine the broker takes longer to start.
            made = self.load("topic", name, str(partitions))
            if made.returncode == 0:
                return
            if self.broker is not None and self.broker.poll() is not None:
                break
        raise RuntimeError(
            made.stderr[-2000:] + (self.folder / "kafka.log").read_text(encoding="utf-8")[-2000:]
        )

    def assembler(self, name: str, **settings: str) -> "Assembler":
        """Starts an assembler; `gap="5s"`, `max_row="1000"`."""
        return Assembler(self, name, settings)


class Assembler:
    """One process of run.sh."""

    def __init__(self, rig: Rig, name: str, settings: dict[str, str]) -> None:
        self.port = free_port()
        given = {
            "servers": rig.servers,
            "state": str(rig.folder / f"state-{name}"),
            "health_port": str(self.port),
        } | settings
        environment = os.environ | {f"MONA_ASSEMBLER_{key.upper()}": value for key, value in given.items()}
        run = pathlib.Path(__file__).parent.parent / "run.sh"
        self.log = rig.folder / f"{name}.log"
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                ("sh", str(run)),
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment | {"MONA_ASSEMBLER_BUILD": str(rig.build)},
                cwd=rig.folder,
            )
        rig.started.append(self.process)

    def page(self, name: str) -> str:
        """A page of its health port; empty while there is none."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{name}", timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def counters(self) -> dict[str, int]:
        """What it counted so far."""
        lines = (line.split() for line in self.page("metrics").splitlines() if not line.startswith("#"))
        return {
            name.removeprefix("mona_assembler_").removesuffix("_total"): int(count) for name, count in lines
        }

    def wait(self, seconds: float, done: object) -> dict[str, int]:
        """Waits until `done(counters)` says so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"it ended with {self.process.returncode}: {self.tail()}")
            counters = self.counters()
            if counters and done(counters):
                return counters
            time.sleep(0.25)
        raise RuntimeError(f"waited {seconds} s in vain: {self.counters()}\n{self.tail()}")

    def wait_running(self, seconds: float = 120) -> None:
        """Waits until it works."""
        end = time.monotonic() + seconds
        while self.page("health").strip() != "RUNNING":
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"it does not run: {self.tail()}")
            time.sleep(0.25)

    def tail(self) -> str:
        """The end of what it said."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]

    def cpu(self) -> float:
        """Seconds of processor time so far, of all its threads."""
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        fields = stat.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> dict[str, int]:
        """Resident memory in MB: now, and the most there was."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
        sizes = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "VmHWM"))}
        return {name: int(size) // 1024 for name, size in sizes.items()}

    def kill(self) -> None:
        """Ends it as a power failure would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Asks it to end; gives its status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=90)
