package dev.libmona.assembler;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;

/** What is connected to what: the input, the splitter, the topic between, the assembler, the topics of the output. */
final class Shape {
    static final String STORE = "arcs";

    private Shape() {}

    static Topology of(Settings settings, Counters counters) {
        StreamsBuilder builder = new StreamsBuilder();
        KeyValueBytesStoreSupplier supplier = settings.inMemory
                ? Stores.inMemoryKeyValueStore(STORE) : Stores.persistentKeyValueStore(STORE);
        builder.addStateStore(Stores.keyValueStoreBuilder(supplier, Serdes.ByteArray(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(changeLog()));

        Map<String, KStream<Integer, byte[]>> split = builder
                .stream(Arrays.asList(settings.input.split(" *, *")),
                        Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("input")
                                .withTimestampExtractor(new Times()))
                .process(() -> new Splitter(settings, counters), Named.as("splitter"))
                .split(Named.as("to-"))
                .branch((partition, value) -> partition == null, Branched.as("dead"))
                .defaultBranch(Branched.as("arcs"));

        split.get("to-dead").to(settings.dead, Produced.with(Serdes.Integer(), Serdes.ByteArray()).withName("dead"));
        split.get("to-arcs")
                .repartition(Repartitioned.<Integer, byte[]>as("by-arc")
                        .withKeySerde(Serdes.Integer())
                        .withValueSerde(Serdes.ByteArray())
                        .withNumberOfPartitions(settings.partitions)
                        .withStreamPartitioner((topic, partition, value, count) -> Optional.of(Set.of(partition))))
                .process(() -> new Assembler(STORE, settings, counters), Named.as("assembler"), STORE)
                .to((key, letter, record) -> letter.to() == Letter.To.ARCS ? settings.arcs : settings.late,
                        Produced.with(Serdes.ByteArray(), letters()).withName("output"));
        return builder.build();
    }

    /**
     * Keys live for minutes: without small segments that are cleaned early the topic is many times the state. That a key was
     * deleted stays readable longer than a folder of state is used that was not kept up to date, and than it takes to read
     * all: whoever misses it has sections that nobody else has, and sends them again.
     */
    static Map<String, String> changeLog() {
        return Map.of("segment.bytes", "67108864", "min.cleanable.dirty.ratio", "0.2",
                "delete.retention.ms", Long.toString(2 * Config.MAX_AGE));
    }

    private static Serde<Letter> letters() {
        return Serdes.serdeFrom((topic, letter) -> letter.value(), (topic, bytes) -> {
            throw new UnsupportedOperationException();
        });
    }
}
