package dev.libmona.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** An assembler without a broker, with a clock that goes when it is told to. */
final class Played implements AutoCloseable {
    final Counters counters = new Counters();
    final TopologyTestDriver driver;
    private final Settings settings;
    private long now = 1_800_000_100_000L;

    /** With settings: name, value, name, value. */
    Played(String... given) {
        Properties properties = new Properties();
        properties.put("state", System.getProperty("java.io.tmpdir") + "/mona-assembler-test-" + ProcessHandle.current().pid());
        properties.put("store", "memory");
        for (int at = 0; at < given.length; at += 2) {
            properties.put(given[at], given[at + 1]);
        }
        settings = new Settings(properties, Map.of());
        Properties config = Config.of(settings);
        config.put("bootstrap.servers", "nowhere:1");
        driver = new TopologyTestDriver(Shape.of(settings, counters), config, Instant.ofEpochMilli(now));
    }

    Played send(byte[] value) {
        return send(value, 0);
    }

    /** One that is as old as that in the input. */
    Played send(byte[] value, long milliseconds) {
        driver.createInputTopic(settings.input, new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(null, value, now - milliseconds);
        return this;
    }

    Played event(String context, String message, String id) {
        return send(Requests.one(Requests.record(context, message), id));
    }

    Played event(String context, String message, int sequence) {
        return event(context, message, Requests.INSTANCE + "-" + sequence);
    }

    Played pass(String time) {
        Duration duration = Duration.parse("PT" + time);
        // In steps of a tick: one jump is one tick only.
        for (long step = 0; step < Math.min(3, duration.toSeconds()); step++) {
            driver.advanceWallClockTime(Duration.ofSeconds(1));
            now += 1_000;
        }
        Duration rest = duration.minusSeconds(Math.min(3, duration.toSeconds()));
        driver.advanceWallClockTime(rest);
        now += rest.toMillis();
        return this;
    }

    List<JsonNode> arcs() {
        return rows(settings.arcs);
    }

    List<JsonNode> late() {
        return rows(settings.late);
    }

    private List<JsonNode> rows(String topic) {
        List<JsonNode> rows = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : raw(topic)) {
            try {
                rows.add(Requests.JSON.readTree(record.value()));
            } catch (java.io.IOException wrong) {
                throw new IllegalStateException(new String(record.value(), java.nio.charset.StandardCharsets.UTF_8), wrong);
            }
        }
        return rows;
    }

    List<TestRecord<byte[], byte[]>> dead() {
        return raw(settings.dead);
    }

    private List<TestRecord<byte[], byte[]>> raw(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    /** The only row there is. */
    JsonNode arc() {
        List<JsonNode> arcs = arcs();
        if (arcs.size() != 1) {
            throw new AssertionError("expected one row, found " + arcs);
        }
        return arcs.get(0);
    }

    long count(String name) {
        return new HashMap<>(counters.all()).get(name);
    }

    /** Keys and values in the store. */
    int kept() {
        int count = 0;
        try (var all = driver.<byte[], byte[]>getKeyValueStore(Shape.STORE).all()) {
            while (all.hasNext()) {
                all.next();
                count++;
            }
        }
        return count;
    }

    @Override
    public void close() {
        driver.close();
    }
}
