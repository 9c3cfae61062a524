"""Reads a topic from its beginning to what is its end now."""

from __future__ import annotations

import time
from collections.abc import Iterator

from confluent_kafka import Consumer, TopicPartition


def read(kafka: str, topic: str, seconds: float = 300) -> Iterator[bytes]:
    """The values of all records that are committed."""
    options = {"bootstrap.servers": kafka, "group.id": "reader", "enable.auto.commit": False}
    options |= {"isolation.level": "read_committed", "enable.partition.eof": True}
    options |= {"fetch.message.max.bytes": 2_000_000, "queued.max.messages.kbytes": 65536}
    consumer = Consumer(options)
    try:
        partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        unread = set(partitions)
        give_up = time.monotonic() + seconds
        while unread:
            assert time.monotonic() < give_up, f"{topic}: partitions {unread} could not be read to their ends"
            for message in consumer.consume(500, timeout=1):
                error = message.error()
                if error is None:
                    yield message.value() or b""
                elif error.name() == "_PARTITION_EOF":
                    # Where a transaction is open the end is before it.
                    unread.discard(message.partition())
                else:
                    raise AssertionError(f"{topic}: {error}")
    finally:
        consumer.close()
