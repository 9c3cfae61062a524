package dev.libmona.assembler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranges, settings, sums. */
class PartsTest {
    @Test
    void rangesAreShortAndExact() throws Malformed {
        Ranges ranges = new Ranges();
        List<Long> numbers = List.of(0L, 1L, 2L, 7L, 9L, 10L, Long.MAX_VALUE);
        numbers.forEach(number -> ranges.append(1, 2, number));
        numbers.forEach(number -> ranges.append(1, 3, number));
        assertEquals(8, ranges.size());
        Out out = new Out(8);
        ranges.write(out);
        Ranges read = Ranges.read(new In(out.copy()));
        for (long number = -1; number < 20; number++) {
            assertEquals(numbers.contains(number), read.contains(1, 2, number), "" + number);
        }
        assertTrue(read.contains(1, 3, Long.MAX_VALUE));
        assertFalse(read.contains(2, 2, 0));
        assertTrue(read.complete());
        for (int number = 0; number < 5_000; number += 2) {
            ranges.append(9, 9, number);
        }
        assertEquals(Ranges.MOST, ranges.size());
        assertFalse(ranges.complete());
        assertFalse(ranges.contains(9, 9, 4_998));
    }

    @Test
    void sumsAreThoseOfSipHash() {
        byte[] bytes = new byte[15];
        for (int at = 0; at < bytes.length; at++) {
            bytes[at] = (byte) at;
        }
        // The vectors of tests/conformance/arcs have what the local collector makes of texts; here: all lengths differ.
        TreeSet<Long> sums = new TreeSet<>();
        for (int length = 0; length <= bytes.length; length++) {
            sums.add(Names.sum(bytes, 0, length));
        }
        assertEquals(16, sums.size());
    }

    private static Settings settings(String name, String value) {
        Properties properties = new Properties();
        properties.put(name, value);
        return new Settings(properties, Map.of());
    }

    @Test
    void settingsComeFromAFileAndFromTheEnvironment() {
        Settings settings = new Settings(new Properties(), Map.of("MONA_ASSEMBLER_GAP", "90s", "MONA_ASSEMBLER_MAX_ROW", "5000",
                "MONA_ASSEMBLER_KAFKA_SECURITY_PROTOCOL", "SSL", "OTHER", "x"));
        assertEquals(90_000, settings.gap);
        assertEquals(5_000, settings.maxRow);
        assertEquals("SSL", Config.of(settings).get("security.protocol"));
        assertEquals(7 * 86_400_000L, settings("memory", "7d").memory);
        assertThrows(IllegalArgumentException.class, () -> settings("gap", "90"));
        assertThrows(IllegalArgumentException.class, () -> settings("gap", "s"));
        assertThrows(IllegalArgumentException.class, () -> settings("partitions", "0"));
        assertThrows(IllegalArgumentException.class, () -> settings("store", "tape"));
        assertThrows(IllegalArgumentException.class, () -> settings("create.topics", "yes"));
        assertThrows(IllegalArgumentException.class, () -> settings("replication", "0"));
        assertThrows(IllegalArgumentException.class, () -> settings("max.row", "1073741824"));
        assertFalse(settings("create.topics", "false").createTopics);
        assertThrows(IllegalArgumentException.class, () -> settings("dead", "mona"));
        assertThrows(IllegalArgumentException.class, () -> settings("input", "mona, arcs"));
        String said = assertThrows(IllegalArgumentException.class, () -> settings("gapp", "1s")).getMessage();
        assertTrue(said.startsWith("gapp: no such setting; expected one of [application, arcs"), said);
    }

    @Test
    void whatAChangeLogForgetsNoFolderHas() {
        Map<String, Object> config = new HashMap<>();
        Config.of(new Settings(new Properties(), Map.of())).forEach((name, value) -> config.put((String) name, value));
        StreamsConfig streams = new StreamsConfig(config);
        long readable = Long.parseLong(Shape.changeLog().get("delete.retention.ms"));
        // At a start, and while it runs.
        assertTrue(readable >= 2 * streams.getLong("state.cleanup.dir.max.age.ms"));
        assertTrue(readable >= 2 * streams.getLong("state.cleanup.delay.ms"));
    }

    @Test
    void aRecordWithoutATimeIsOfNow() {
        long before = System.currentTimeMillis();
        ConsumerRecord<Object, Object> never = new ConsumerRecord<>("mona", 0, 0, null, null);
        assertEquals(ConsumerRecord.NO_TIMESTAMP, never.timestamp());
        assertTrue(new Times().extract(never, -1) >= before);
    }

    @Test
    void foldersInUseStayYoung(@TempDir Path state) throws IOException {
        FileTime old = FileTime.fromMillis(1_000_000_000_000L);
        for (String task : List.of("1_0", "1_1")) {
            Path folder = Files.createDirectories(state.resolve("mona-assembler").resolve(task));
            Files.setLastModifiedTime(folder, old);
        }
        new Folders(settings("state", state.toString())).touch(Set.of("1_0", "0_0"));
        assertTrue(Files.getLastModifiedTime(state.resolve("mona-assembler/1_0")).compareTo(old) > 0);
        assertEquals(old, Files.getLastModifiedTime(state.resolve("mona-assembler/1_1")));
        assertFalse(Files.exists(state.resolve("mona-assembler/0_0")));
    }

    @Test
    void whoSaysNothingKeepsNobodyFromAsking() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Counters counters = new Counters();
        counters.held.increment();
        try (Health health = Health.start(settings("health.port", "" + port), counters, () -> KafkaStreams.State.RUNNING);
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
            silent.getOutputStream().write("GET ".getBytes(StandardCharsets.US_ASCII));
            assertEquals("RUNNING\n", page(port, "/health"));
            assertTrue(page(port, "/metrics").contains("# TYPE mona_assembler_held gauge\nmona_assembler_held 1\n"));
        }
    }

    private static String page(int port, String path) throws IOException {
        try (InputStream page = URI.create("http://127.0.0.1:" + port + path).toURL().openStream()) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aSectionKeepsNoMemory() throws Malformed {
        Otlp event = new Otlp();
        byte[] large = Requests.one(Requests.record("a", "{'x': '" + "y".repeat(500_000) + "'}"), null);
        Section section = new Section(new Out(256));
        section.begin(new byte[1], new byte[1]);
        event.read(large, one -> section.add(one, new EventId(), new byte[0], 0, 0));
        assertTrue(section.held() > 500_000);
        section.clear();
        assertTrue(section.held() <= 4096);
        assertEquals(0, section.bytes());
    }

    @Test
    void jsonIsJson() {
        Out out = new Out(1);
        Json.string(out, "a\"\\\n\u0001é😀");
        assertEquals("\"a\\\"\\\\\\n\\u0001é😀\"", In.string(out.bytes, 0, out.length));
    }
}
