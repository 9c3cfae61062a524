package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients: their options, counters, reports and ends. */
class ClientTest {
    // A port that nobody listens on: the system gives ports from far above.
    private static final String NOBODY = "tcp://127.0.0.1:1";

    @Test
    void wrongOptionsSayWhatIsExpected() {
        var error = assertThrows(MonaException.class, () -> Client.create(new Options().set("queue_size", "many")));
        assertEquals(Status.ARGUMENT, error.status());
        assertTrue(error.getMessage().contains("queue_size"), error.getMessage());
        assertThrows(MonaException.class, () -> Client.create(new Options().set("no_such\0option", "é")));
        assertThrows(MonaException.class, () -> Client.create(new Options().endpoint("nonsense")));
        assertThrows(NullPointerException.class, () -> new Options().endpoint(null));
    }

    @Test
    void describesItself() {
        try (var mona = new Recorded(new Options().userId("acme").queueCircular(false).sampleRate(0.5))) {
            Map<String, Object> described = JsonReader.object(mona.client.describe());
            assertEquals("acme", ((Map<?, ?>) described.get("user_id")).get("value").toString());
            assertTrue(described.containsKey("exit_flush_ms"));
        }
    }

    @Test
    void counts() {
        try (var mona = new Recorded(); var run = mona.client.context("a")) {
            run.export(e -> e.i64("n", 1)).orThrow();
            run.export(e -> e.json("n", "{")).status();
            mona.client.flush(Recorded.LONG);
            Stats stats = mona.client.stats();
            assertEquals(2, stats.accepted());
            assertEquals(2, stats.delivered());
            assertEquals(1, stats.refused());
            assertEquals(stats.toMap().get("refused"), stats.refused());
        }
    }

    @Test
    void checksTheWay() {
        try (var mona = new Recorded()) {
            assertTrue(mona.client.check(Duration.ofSeconds(5)).ok());
        }
        try (var client = Client.create(new Options().endpoint(NOBODY))) {
            CheckReport report = client.check(Duration.ofSeconds(10));
            assertEquals(Status.IO, report.status());
            List<?> steps = (List<?>) JsonReader.read(report.json());
            assertEquals(false, ((Map<?, ?>) steps.get(steps.size() - 1)).get("ok"));
            client.close(Duration.ZERO);
        }
    }

    @Test
    void closesOnceAndForAll() {
        var mona = new Recorded();
        Context run = mona.client.context("a");
        run.export(e -> e.i64("n", 1)).orThrow();
        assertTrue(mona.client.close(Recorded.LONG));
        assertTrue(mona.client.close(Duration.ofNanos(1)));
        mona.client.close();
        assertEquals(Status.CLOSED, run.export(e -> e.i64("n", 2)).status());
        run.close();
        assertEquals(Status.CLOSED, mona.client.context("b").opened().status());
        assertEquals(Status.CLOSED, mona.client.batchJson("[{\"message\": {\"a\": 1}}]").outcome().status());
        assertEquals(2, mona.client.stats().delivered());
        assertEquals(2, mona.records().size());
    }

    @Test
    void closingIsBounded() {
        Client client = Client.create(new Options().endpoint(NOBODY));
        try (var run = client.context("a")) {
            run.export(e -> e.i64("n", 1)).orThrow();
        }
        long before = System.nanoTime();
        assertFalse(client.flush(Duration.ofMillis(50)));
        assertFalse(client.close(Duration.ofMillis(100)));
        assertTrue(Duration.ofNanos(System.nanoTime() - before).compareTo(Duration.ofSeconds(30)) < 0);
        assertEquals(2, client.stats().droppedClosed());
    }

    @Test
    void durationsOfAnyLength() {
        assertEquals(0, Client.milliseconds(Duration.ofDays(-1)));
        assertEquals(-1, Client.milliseconds(Duration.ofSeconds(Long.MAX_VALUE)));
        assertEquals(0, Client.milliseconds(Duration.ofSeconds(Long.MIN_VALUE)));
        assertEquals(1500, Client.milliseconds(Duration.ofMillis(1500)));
    }

    @Test
    void batches() {
        try (var mona = new Recorded()) {
            BatchOutcome sent = mona.client.batch(List.of(
                    BatchEvent.of("ranker", Map.of("position", 0)),
                    new BatchEvent(Map.of("position", 1), null, "r", Instant.ofEpochSecond(1_500_000_000))));
            assertEquals(new BatchOutcome(2, Outcome.DONE), sent);
            var records = mona.records();
            assertEquals(3, records.size());
            assertEquals("r", records.get(2).get("context"));
            assertEquals(1_500_000_000L, records.get(2).get("export_timestamp"));
        }
    }

    @Test
    void batchesLeaveOutWhatCannotBeSent() {
        try (var mona = new Recorded()) {
            BatchOutcome sent = mona.client.batch(java.util.Arrays.asList(
                    BatchEvent.of(null, Map.of("n", 0)), BatchEvent.of(null, Map.of("odd", new Object())), null,
                    BatchEvent.of(null, Map.of("n", 2))));
            assertEquals(2, sent.accepted());
            assertEquals(Status.JSON, sent.outcome().status());
            assertTrue(sent.outcome().detail().startsWith("event 1: java.lang.Object"), sent.outcome().detail());
            assertEquals(2, mona.client.stats().refused());
            assertEquals(2, mona.records().size());
            assertEquals(Status.JSON, mona.client.batchJson("{}").outcome().status());
            assertEquals(Status.JSON, mona.client.batchJson(null).outcome().status());
            assertEquals(0, mona.client.batch(List.of()).accepted());
        }
    }

    @Test
    void largeBatches() {
        try (var mona = new Recorded(new Options().queueBytes(64 << 20))) {
            List<BatchEvent> events = new java.util.ArrayList<>();
            for (int n = 0; n < 2_000; n++) {
                events.add(BatchEvent.of(null, Map.of("text", "é".repeat(500), "n", n)));
            }
            assertEquals(2_000, mona.client.batch(events).accepted());
        }
    }

    @Test
    void globals() {
        try (var mona = new Recorded()) {
            assertEquals(Outcome.DONE, mona.client.setGlobals(Map.of("env", "test")));
            assertEquals(Status.JSON, mona.client.setGlobals(Map.of("odd", new Object())).status());
            assertEquals(Status.JSON, mona.client.setGlobalsJson("[]").status());
            mona.client.context(null).close();
            assertEquals(List.of(Map.of("MONA_GLOBALS", Map.of("env", "test"))), mona.messages());
            mona.client.setGlobals(null).orThrow();
            mona.client.context(null).close();
            assertEquals(List.of(), mona.messages());
        }
    }

    @Test
    void aForgottenClientIsClosed(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("events");
        forget(file);
        long end = System.nanoTime() + Recorded.LONG.toNanos();
        while ((!Files.exists(file) || Files.size(file) == 0) && System.nanoTime() < end) {
            System.gc();
            Thread.sleep(50);
        }
        assertTrue(Files.readString(file).contains("\"forgotten\""));
    }

    private static void forget(Path file) {
        Client client = Client.create(new Options().endpoint("file://" + file).flushIntervalMs(60_000));
        try (var run = client.context(null)) {
            run.export(e -> e.bool("forgotten", true)).orThrow();
        }
    }

    @Test
    void forgottenContextsAreFreed() throws Exception {
        try (var mona = new Recorded()) {
            for (int round = 0; round < 20; round++) {
                for (int n = 0; n < 500; n++) {
                    Context forgotten = mona.client.context(null);
                    forgotten.sub(null);
                    Local.here().current = null;
                }
                System.gc();
            }
            try (var run = mona.client.context(null)) {
                run.export(e -> e.i64("n", 1)).orThrow();
            }
            assertEquals(1, mona.records().size());
        }
    }

    @Test
    void manyThreadsAtOnce() throws Exception {
        try (var mona = new Recorded(new Options().queueBytes(256 << 20)); var run = mona.client.context(null)) {
            Thread[] threads = new Thread[8];
            for (int n = 0; n < threads.length; n++) {
                threads[n] = new Thread(() -> {
                    for (int event = 0; event < 2_000; event++) {
                        run.export(e -> e.str("label", "x").f64("v", 0.5)).orThrow();
                    }
                });
                threads[n].start();
            }
            for (Thread one : threads) {
                one.join();
            }
            assertEquals(16_000, mona.client.stats().accepted());
        }
    }

    @Test
    void versionIsThatOfTheLibrary() {
        assertTrue(Mona.version().matches("\\d+\\.\\d+\\.\\d+.*"));
        Map<Object, Object> seen = new LinkedHashMap<>();
        for (Status one : Status.values()) {
            seen.put(one.number(), one);
        }
        assertEquals(Status.OTHER, Status.of(99));
        assertEquals(Status.PANIC, Status.of(16));
        assertEquals(Status.OTHER, Status.of(-5));
    }
}
