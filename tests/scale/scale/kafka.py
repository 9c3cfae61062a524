"""Kafka, one node in KRaft mode, from the jars of Maven Central."""

from __future__ import annotations

import subprocess
import time

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # it says so in no list

from scale.place import CONFIG, Place, setup_folder
from scale.ports import free_port
from scale.processes import Program

PARTITIONS = 12
_PROBE = "probe"
# Any 16 bytes in base64, but for a first "-", which the tool takes for an option.
_CLUSTER = "bW9uYS1zY2FsZS10ZXN0cw"


class Kafka(Program):
    """The broker. It counts as started when it took a record: its port is open long before."""

    def __init__(self, place: Place) -> None:
        port, controller = free_port(), free_port()
        self.address = f"127.0.0.1:{port}"
        # The file as it stands in the documents; of two lines for one property the later one counts.
        self._properties = place.folder / "kafka.properties"
        self._properties.write_text(
            (CONFIG / "kafka.properties").read_text()
            + f"controller.quorum.bootstrap.servers=127.0.0.1:{controller}\n"
            + f"listeners=PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}\n"
            + f"advertised.listeners=PLAINTEXT://{self.address}\n"
            + f"log.dirs={place.folder / 'kafka'}\n"
        )
        self._java = ["java", "-Xms256m", "-Xmx768m", "-cp", f"{setup_folder()}/kafka/*"]
        super().__init__("kafka", [*self._java, "kafka.Kafka", str(self._properties)], place.log("kafka"))

    def start(self) -> None:
        storage = ["kafka.tools.StorageTool", "format", "--standalone", "-t", _CLUSTER, "-c", str(self._properties)]
        made = subprocess.run([*self._java, *storage], capture_output=True, text=True, timeout=120)
        if made.returncode != 0:
            raise RuntimeError(f"StorageTool: {made.stdout}{made.stderr}")
        super().start()
        self.wait_for_record(is_first=True)

    def start_again(self) -> None:
        """After a kill, without waiting for more than the process."""
        super().start()

    def wait_for_record(self, seconds: float = 120, is_first: bool = False) -> None:
        end = time.monotonic() + seconds
        if is_first:
            admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
            while not self._make(admin, _PROBE, 1):
                self._check(end)
        while not self._takes_record():
            self._check(end)

    def _check(self, end: float) -> None:
        if not self.is_alive():
            raise RuntimeError(f"kafka ended:\n{self.last_lines()}")
        if time.monotonic() > end:
            raise RuntimeError(f"kafka takes no record:\n{self.last_lines()}")
        time.sleep(0.2)

    def _takes_record(self) -> bool:
        errors: list[object] = []
        # Shorter than its session, so that a broker which comes up is seen soon.
        options = {"bootstrap.servers": self.address, "acks": "all", "message.timeout.ms": 2000, "log_level": 0}
        producer = Producer(options)
        producer.produce(_PROBE, b"probe", on_delivery=lambda error, _: errors.append(error))
        producer.flush(3)
        # By identity: KafkaError.__eq__ of confluent-kafka 2.16.1 leaves an exception pending when it is given None.
        return len(errors) == 1 and errors[0] is None

    def topic(self, name: str, partitions: int = PARTITIONS) -> None:
        """Makes a topic."""
        admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
        if not self._make(admin, name, partitions):
            raise RuntimeError(f"could not make the topic {name}")

    @staticmethod
    def _make(admin: AdminClient, name: str, partitions: int) -> bool:
        made = admin.create_topics([NewTopic(name, partitions, 1)], request_timeout=5)[name]
        try:
            made.result()
        except KafkaException as error:
            # What timed out may have been done all the same.
            return bool(error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS)
        return True
