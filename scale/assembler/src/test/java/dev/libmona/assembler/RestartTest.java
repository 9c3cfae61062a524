package dev.libmona.assembler;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

/** An assembler that goes on with the store of another one, as it is after a change log was read. */
class RestartTest {
    private final Settings settings = settings();
    private final Splitter splitter = new Splitter(settings, new Counters());
    private long now = 1_800_000_000_000L;

    private static Settings settings() {
        Properties properties = new Properties();
        properties.put("partitions", "1");
        properties.put("max.events", "6");
        properties.put("horizon", "10m");
        return new Settings(properties, Map.of());
    }

    /** One life. */
    private final class Life {
        final Counters counters = new Counters();
        final MockProcessorContext<byte[], Letter> context = new MockProcessorContext<>();
        final KeyValueStore<byte[], byte[]> store = Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(Shape.STORE),
                Serdes.ByteArray(), Serdes.ByteArray()).withLoggingDisabled().build();
        final Assembler assembler = new Assembler(Shape.STORE, settings, counters);

        Life(Life before) {
            store.init(context.getStateStoreContext(), store);
            if (before != null) {
                try (KeyValueIterator<byte[], byte[]> all = before.store.all()) {
                    while (all.hasNext()) {
                        KeyValue<byte[], byte[]> next = all.next();
                        store.put(next.key, next.value);
                    }
                }
                before.assembler.close();
                assertEquals(0, before.counters.open.sum() + before.counters.closed.sum());
            }
            context.addStateStore(store);
            context.setCurrentSystemTimeMs(now);
            assembler.init(context);
        }

        Life event(int sequence) {
            return event("a", sequence);
        }

        Life event(String arc, int sequence) {
            MockProcessorContext<Integer, byte[]> to = new MockProcessorContext<>();
            to.setRecordMetadata("mona", 0, sequence);
            splitter.init(to);
            byte[] value = Requests.one(Requests.record(arc, "{'x" + sequence + "': 1}"), Requests.INSTANCE + "-" + sequence);
            splitter.process(new Record<>(null, value, now));
            context.setCurrentSystemTimeMs(now);
            to.forwarded().forEach(batch -> assembler.process(new Record<>(batch.record().key(), batch.record().value(), now)));
            return this;
        }

        Life pass(Duration time) {
            now += time.toMillis();
            context.setCurrentSystemTimeMs(now);
            context.scheduledPunctuators().get(0).getPunctuator().punctuate(now);
            return this;
        }

        List<String> rows() {
            List<String> rows = context.forwarded().stream().map(letter -> {
                var row = Requests.json(new String(letter.record().value().value(), java.nio.charset.StandardCharsets.UTF_8));
                return row.get("version") + " " + row.get("events") + " " + row.get("copies") + " " + row.get("dropped");
            }).toList();
            context.resetForwards();
            return rows;
        }
    }

    @Test
    void whatWasOpenIsOpenAndWhatWasClosedIsClosed() {
        Life first = new Life(null).event(1).event(2);
        Life second = new Life(first);
        assertEquals(1, second.counters.open.sum());
        second.pass(Duration.ofSeconds(30)).event(3);
        Life third = new Life(second).pass(Duration.ofSeconds(59));
        assertEquals(List.of(), third.rows());
        assertEquals(List.of("1 3 0 0"), third.pass(Duration.ofSeconds(1)).rows());
        Life fourth = new Life(third);
        assertEquals(0, fourth.counters.open.sum());
        assertEquals(1, fourth.counters.closed.sum());
        // A copy and something new, over another change of hands.
        Life fifth = new Life(fourth.event(3).event(4));
        assertEquals(1, fifth.counters.open.sum());
        assertEquals(List.of("2 4 1 0"), fifth.pass(Duration.ofSeconds(60)).rows());
        assertEquals(1, fifth.counters.copies.sum());
        // What was left out is remembered.
        Life sixth = new Life(fifth.event(5).event(6).event(7));
        assertEquals(List.of("3 5 1 2"), sixth.pass(Duration.ofSeconds(60)).rows());
        // Sections go in time, also those of two changes of hands ago.
        Life seventh = new Life(sixth).pass(Duration.ofMinutes(11)).pass(Duration.ofSeconds(1));
        long kept = 0;
        try (KeyValueIterator<byte[], byte[]> all = seventh.store.all()) {
            for (; all.hasNext(); all.next()) {
                kept++;
            }
        }
        assertEquals(2, kept);
        seventh.event(1);
        assertEquals(1, seventh.counters.copies.sum());
        seventh.pass(Duration.ofHours(25));
        assertEquals(0, new Life(seventh).counters.closed.sum());
    }

    @Test
    void afterAChangeOfHandsTheLongestSilentIsTheFirst() {
        Life first = new Life(null);
        for (int at = 0; at < 20; at++) {
            first.pass(Duration.ofSeconds(1)).event("arc" + at, at);
        }
        Life second = new Life(first).pass(Duration.ofSeconds(50));
        assertEquals(10, second.rows().size());
        assertEquals(10, second.pass(Duration.ofSeconds(10)).rows().size());
    }

    @Test
    void whatWasLetLieWaitsForWhatCameMeanwhile() {
        Life first = new Life(null).event(1);
        now += Duration.ofHours(2).toMillis();
        Life second = new Life(first).pass(Duration.ofSeconds(30));
        assertEquals(1, second.counters.held.sum());
        assertEquals(List.of(), second.rows());
        second.event(2);
        assertEquals(List.of("1 2 0 0"), second.pass(Duration.ofSeconds(60)).rows());
        assertEquals(0, second.counters.held.sum());
    }

    @Test
    void aClockThatIsSetBackMakesAllWaitOnceAndNoMore() {
        Life life = new Life(null).event("a", 1).event("b", 2).event("c", 3);
        life.pass(Duration.ofHours(-1)).event("d", 4);
        assertEquals(List.of(), life.rows());
        assertEquals(4, life.pass(Duration.ofSeconds(60)).rows().size());
    }

    @Test
    void whatHadNoRoomIsRememberedOverAChangeOfHands() {
        Life first = new Life(null);
        for (int at = 0; at < 6; at++) {
            first.event(at);
        }
        assertEquals(List.of("1 6 0 0"), first.pass(Duration.ofSeconds(60)).rows());
        Life second = new Life(first.event(6));
        assertEquals(List.of("2 6 0 1"), second.pass(Duration.ofSeconds(60)).rows());
    }
}
