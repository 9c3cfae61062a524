package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be sent, and what is refused. */
class ValuesTest {
    private enum Colour { RED }

    private static Object roundTrip(Object value) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("v", value);
        fields.put("z", 1);
        try (var mona = new Recorded(); var run = mona.client.context(null)) {
            run.export(fields).orThrow();
            return ((Map<?, ?>) mona.messages().get(0)).get("v");
        }
    }

    private static Outcome refusal(Object value) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("before", 1);
        fields.put("odd", value);
        try (var mona = new Recorded(); var run = mona.client.context(null)) {
            Outcome outcome = run.export(fields);
            run.export(Map.of("after", 2)).orThrow();
            assertEquals(List.of(Map.of("after", 2L)), mona.messages());
            assertEquals(1, mona.client.stats().refused());
            return outcome;
        }
    }

    @Test
    void typedFields() {
        try (var mona = new Recorded(); var run = mona.client.context("ranker")) {
            Outcome outcome = run.export(e -> e.f64("score", 0.5).f32("share", 0.97f).i64("count", -3).u64("all", -1L).bool("ok", true)
                    .str("label", "cat").json("boxes", "[[1, 2]]").nil("age").str("none", null).json("no", null));
            assertEquals(Outcome.DONE, outcome);
            Map<String, Object> wanted = new LinkedHashMap<>();
            wanted.put("score", 0.5);
            wanted.put("share", 0.97);
            wanted.put("count", -3L);
            wanted.put("all", new BigInteger("18446744073709551615"));
            wanted.put("ok", true);
            wanted.put("label", "cat");
            wanted.put("boxes", List.of(List.of(1L, 2L)));
            wanted.put("age", null);
            wanted.put("none", null);
            wanted.put("no", null);
            List<Object> messages = mona.messages();
            assertEquals(Map.of("MONA_ARC_CLASS", "ranker"), messages.get(0));
            assertEquals(wanted, messages.get(1));
            assertEquals(new ArrayList<>(wanted.keySet()), new ArrayList<>(((Map<?, ?>) messages.get(1)).keySet()));
        }
    }

    @Test
    void values() {
        assertEquals(null, roundTrip(null));
        assertEquals("x", roundTrip(new StringBuilder("x")));
        assertEquals("c", roundTrip('c'));
        assertEquals(0.97, roundTrip(0.97f));
        assertEquals(List.of(0.1), roundTrip(new float[] {0.1f}));
        assertEquals("RED", roundTrip(Colour.RED));
        assertEquals(7L, roundTrip((byte) 7));
        assertEquals(1.5, roundTrip(1.5f));
        assertEquals(new BigInteger("18446744073709551615"), roundTrip(new BigInteger("18446744073709551615")));
        assertEquals(Long.MIN_VALUE, roundTrip(Long.MIN_VALUE));
        assertEquals(5L, roundTrip(Optional.of(5)));
        assertEquals(null, roundTrip(Optional.empty()));
        assertEquals(List.of(1L, 2L), roundTrip(new int[] {1, 2}));
        assertEquals(List.of(List.of(), Map.of()), roundTrip(List.of(new double[0], Map.of())));
        assertEquals(Arrays.asList(true, null, "é\"\\\n\u0001😀"),
                roundTrip(Arrays.asList(true, null, "é\"\\\n\u0001😀")));
        assertEquals(Map.of("1", "x", "RED", 2L), roundTrip(Map.of(1, "x", Colour.RED, 2)));
        assertEquals("a\0b", roundTrip("a\0b"));
    }

    @Test
    void notFinite() {
        assertEquals(null, roundTrip(Double.NaN));
        assertEquals(Arrays.asList(1.0, null), roundTrip(new double[] {1, Double.NEGATIVE_INFINITY}));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 23, 24, 25, 500, 5_000, 60_000})
    void textsOfAnyLength(int length) {
        for (String unit : List.of("a", "?", "é", "漢", "😀", "a?é😀")) {
            String text = unit.repeat(length / unit.length() + 1);
            assertEquals(text, roundTrip(text));
        }
    }

    @Test
    void refusedValuesNameTheirField() {
        List<Object> all = List.of(new Object(), new BigDecimal("1.5"), Instant.EPOCH, new byte[1],
                List.of(1, new Object()), Map.of(List.of(), 1));
        for (Object odd : all) {
            Outcome outcome = refusal(odd);
            assertEquals(Status.JSON, outcome.status());
            assertTrue(outcome.detail().contains("\"odd\""), outcome.detail());
            assertThrows(MonaException.class, outcome::orThrow);
        }
    }

    @Test
    void numbersBeyond64BitsAreRefused() {
        Outcome outcome = refusal(new BigInteger("18446744073709551616"));
        assertFalse(outcome.ok());
        assertTrue(outcome.detail().contains("odd"), outcome.detail());
        refusal(new BigInteger("-9223372036854775809"));
    }

    @Test
    void halfSurrogatePairsAreRefusedAndNeverReplaced() {
        for (String text : List.of("\ud800", "a\udc00", "x".repeat(40) + "\ud800", "é".repeat(40) + "\udfff?")) {
            Outcome outcome = refusal(text);
            assertEquals(Status.UTF8, outcome.status());
            assertTrue(outcome.detail().contains("odd"), outcome.detail());
            assertFalse(refusal(List.of(text)).ok());
        }
    }

    @Test
    void cyclesAndDepth() {
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertEquals(Status.LIMIT, refusal(cycle).status());
        Object deep = 1;
        for (int level = 0; level < 200; level++) {
            deep = List.of(deep);
        }
        assertEquals(Status.LIMIT, refusal(deep).status());
    }

    @Test
    void endlessValuesAreRefused() {
        Object doubled = List.of(1);
        for (int level = 0; level < 60; level++) {
            doubled = List.of(doubled, doubled);
        }
        assertEquals(Status.LIMIT, refusal(doubled).status());
        Iterable<Integer> endless = () -> java.util.stream.IntStream.iterate(0, n -> n + 1).iterator();
        assertEquals(Status.LIMIT, refusal(endless).status());
        assertEquals(Status.LIMIT, refusal(List.of("x".repeat(9_000_000))).status());
    }

    @Test
    void valuesWhoseOwnCodeFailsAreRefused() {
        Iterable<Integer> broken = () -> {
            throw new java.util.ConcurrentModificationException();
        };
        Map<String, Object> map = new java.util.AbstractMap<>() {
            @Override
            public java.util.Set<Entry<String, Object>> entrySet() {
                throw new IllegalStateException();
            }
        };
        for (Object odd : List.of(broken, map, List.of(map), new Failing(), List.of(new Failing()))) {
            Outcome outcome = refusal(odd);
            assertEquals(Status.JSON, outcome.status());
            assertTrue(outcome.detail().contains("Exception"), outcome.detail());
        }
        try (var mona = new Recorded(); var run = mona.client.context(null)) {
            assertEquals(Status.JSON, run.export(map).status());
            assertEquals(Status.JSON, run.export((Fields) null).status());
            assertEquals(2, mona.client.stats().refused());
            BatchOutcome sent = mona.client.batch(List.of(
                    BatchEvent.of(null, map), BatchEvent.of(null, Map.of("n", 1))));
            assertEquals(1, sent.accepted());
            assertTrue(sent.outcome().detail().contains("event 0"), sent.outcome().detail());
            assertEquals(Status.JSON, mona.client.batch(null).outcome().status());
        }
    }

    /** A text that cannot say itself. */
    private static final class Failing implements CharSequence {
        @Override
        public int length() {
            return 1;
        }

        @Override
        public char charAt(int index) {
            return 'x';
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return this;
        }

        @Override
        public String toString() {
            throw new IllegalStateException();
        }
    }

    @Test
    void badNamesAndJson() {
        try (var mona = new Recorded(); var run = mona.client.context(null)) {
            assertEquals(Status.ARGUMENT, run.export(e -> e.f64(null, 1)).status());
            assertEquals(Status.JSON, run.export(e -> e.json("boxes", "[1")).status());
            assertEquals(Status.UTF8, run.export(e -> e.i64("\ud800", 1)).status());
            assertEquals(Status.JSON, run.exportJson("[1]").status());
            assertEquals(Status.JSON, run.exportJson((String) null).status());
            assertEquals(Status.JSON, run.export((Map<String, ?>) null).status());
            assertEquals(Status.LIMIT, run.export(e -> e.str("big", "x".repeat(300_000))).status());
            assertEquals(Status.LIMIT, run.export(e -> e.str("huge", "x".repeat(9_000_000))).status());
            assertEquals(Status.LIMIT, run.exportJson("{\"big\":\"" + "x".repeat(9_000_000) + "\"}").status());
            assertEquals(Outcome.SKIPPED, run.export(e -> { }));
            assertEquals(Outcome.SKIPPED, run.export(e -> e.i64("MONA_x", 1)));
            assertEquals(Outcome.DONE, run.export(e -> e.i64("", 1).i64("", 2)));
            assertEquals(List.of(Map.of("", 2L)), mona.messages());
        }
    }

    @Test
    void manyFieldsAndLongTextsGrowTogether() {
        try (var mona = new Recorded(); var run = mona.client.context(null)) {
            Map<String, Object> wanted = new LinkedHashMap<>();
            for (int n = 0; n < 1_000; n++) {
                wanted.put("field_" + n, n % 2 == 0 ? "text é " + n : (Object) (long) n);
            }
            for (int round = 0; round < 3; round++) {
                run.export(wanted).orThrow();
                assertEquals(List.of(wanted), mona.messages());
            }
        }
    }

    @Test
    void exportsInsideAnExport() {
        try (var mona = new Recorded(); var run = mona.client.context(null)) {
            run.export(e -> {
                e.i64("outer", 1);
                run.export(inner -> inner.str("inner", "x")).orThrow();
                e.str("label", "y");
            }).orThrow();
            assertThrows(IllegalStateException.class, () -> run.export(e -> {
                e.i64("lost", 1);
                throw new IllegalStateException();
            }));
            run.export(e -> e.i64("after", 1)).orThrow();
            assertEquals(List.of(Map.of("inner", "x"), Map.of("outer", 1L, "label", "y"), Map.of("after", 1L)),
                    mona.messages());
        }
    }

    @Test
    void anEventBelongsToItsCallAndThread() throws Exception {
        try (var mona = new Recorded(); var run = mona.client.context(null)) {
            Event[] kept = new Event[1];
            Throwable[] thrown = new Throwable[1];
            run.export(e -> {
                kept[0] = e.i64("n", 1);
                Thread other = new Thread(() -> thrown[0] =
                        assertThrows(IllegalStateException.class, () -> e.str("elsewhere", "x")));
                other.start();
                try {
                    other.join();
                } catch (InterruptedException asked) {
                    throw new IllegalStateException(asked);
                }
            }).orThrow();
            assertEquals(IllegalStateException.class, thrown[0].getClass());
            assertThrows(IllegalStateException.class, () -> kept[0].f64("late", 1));
            assertEquals(List.of(Map.of("n", 1L)), mona.messages());
        }
    }

    @Test
    void timestamps() {
        try (var mona = new Recorded();
                var run = mona.client.context("a", null, Instant.ofEpochSecond(1_500_000_000))) {
            run.export(Instant.ofEpochSecond(1_600_000_000, 900_000_000), e -> e.i64("n", 1)).orThrow();
            run.exportJson(Instant.ofEpochSecond(-2), "{\"n\":2}").orThrow();
            run.export(Instant.MAX, e -> e.i64("n", 3)).orThrow();
            var records = mona.records();
            assertEquals(1_500_000_000L, records.get(0).get("export_timestamp"));
            assertEquals(1_600_000_000L, records.get(1).get("export_timestamp"));
            assertEquals(-2L, records.get(2).get("export_timestamp"));
            assertTrue(((Map<?, ?>) records.get(3).get("message")).containsKey("MONA_INVALID_EXPORT_TIMESTAMP"));
        }
    }
}
