package dev.libmona.assembler;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What can be set: in a file of properties, or by the environment, where {@code gap} is {@code MONA_ASSEMBLER_GAP} and
 * {@code max.row} is {@code MONA_ASSEMBLER_MAX_ROW}. What begins with {@code kafka.} is handed to Kafka Streams as it is.
 */
final class Settings {
    private static final String PREFIX = "MONA_ASSEMBLER_";
    private static final String KAFKA = "kafka.";

    private final Map<String, String> given = new TreeMap<>();
    private final Map<String, String> used = new TreeMap<>();

    final String servers;
    final String application;
    final String input;
    final String arcs;
    final String late;
    final String dead;
    final int partitions;
    final int threads;
    final String stateDirectory;
    final boolean inMemory;
    final long gap;
    final long maxDuration;
    final long horizon;
    final long memory;
    final int maxOpen;
    final int maxClosed;
    final int maxEvents;
    final int maxBytes;
    final int maxContexts;
    final int maxFields;
    final int maxRow;
    final int maxBatch;
    final int storeCache;
    final int storeBuffers;
    final int healthPort;
    final String healthAddress;
    final boolean createTopics;
    final int outputPartitions;
    final short replication;
    final Duration close;
    final Map<String, String> kafka = new TreeMap<>();

    Settings(Properties file, Map<String, String> environment) {
        for (String name : file.stringPropertyNames()) {
            given.put(name, file.getProperty(name).trim());
        }
        environment.forEach((name, value) -> {
            if (name.startsWith(PREFIX)) {
                given.put(name.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.'), value.trim());
            }
        });
        servers = text("servers", "localhost:9092");
        // The name of the consumer group, of our internal topics and of our transactions.
        application = text("application", "mona-assembler");
        input = text("input", "mona");
        arcs = text("arcs", "arcs");
        late = text("late", "arcs-late");
        dead = text("dead", "arcs-dead");
        List<String> inputs = List.of(input.split(" *, *"));
        for (Map.Entry<String, String> output : Map.of("arcs", arcs, "late", late, "dead", dead).entrySet()) {
            if (inputs.contains(output.getValue())) {
                // What is no event would come back for ever.
                throw wrong(output.getKey(), "another topic than those of the input");
            }
        }
        // How many assemblers can share the work; cannot be changed while there is state.
        partitions = number("partitions", 8, 1, 1024);
        threads = number("threads", 2, 1, 256);
        stateDirectory = text("state", "/var/lib/mona-assembler");
        inMemory = switch (text("store", "disk")) {
            case "disk" -> false;
            case "memory" -> true;
            default -> throw wrong("store", "disk or memory");
        };
        // An ARC is a run of an algorithm: most export within seconds; the slowest hop on the way holds events for
        // flush_interval_ms, and a collector that is started again takes some ten seconds.
        gap = milliseconds("gap", "60s");
        maxDuration = milliseconds("max.duration", "1h");
        // A collector or client that was cut off delivers what it held when it is back.
        horizon = milliseconds("horizon", "15m");
        // As long as docs/duplicates.md promises that copies come, and a night of a spool on top.
        memory = milliseconds("memory", "24h");
        // 200 bytes of heap each; of all partitions together, as is the next one.
        maxOpen = number("max.open", 400_000, 1, Integer.MAX_VALUE);
        // Some 120 bytes of disk each: 2.4 GB.
        maxClosed = number("max.closed", 20_000_000, 1, Integer.MAX_VALUE);
        // Copies count too; an ARC is read as a whole when it is closed.
        maxEvents = number("max.events", 50_000, 1, 10_000_000);
        maxBytes = number("max.bytes", 8 << 20, 1_000, 1 << 30);
        // What the local collector shows of one ARC.
        maxContexts = number("max.contexts", 1_000, 1, 1_000_000);
        maxFields = number("max.fields", 2_000, 1, 1_000_000);
        // Kafka takes records of 1 MiB unless told otherwise; the head of the row and the last context are beyond this.
        // At most 256 MiB: what is twice as large is still a number of bytes that Kafka takes.
        maxRow = number("max.row", 900_000, 1_000, 1 << 28);
        maxBatch = number("max.batch", 900_000, 1_000, 1 << 28);
        // For all partitions of this process together.
        storeCache = number("store.cache", 32 << 20, 1 << 20, Integer.MAX_VALUE);
        storeBuffers = number("store.buffers", 48 << 20, 1 << 20, Integer.MAX_VALUE);
        // 0: none.
        healthPort = number("health.port", 0, 0, 65_535);
        healthAddress = text("health.address", "127.0.0.1");
        createTopics = switch (text("create.topics", "true")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong("create.topics", "true or false");
        };
        outputPartitions = number("output.partitions", 8, 1, 1024);
        // -1: what the broker has as its default.
        replication = (short) number("replication", -1, -1, 100);
        if (replication == 0) {
            throw wrong("replication", "-1, or a whole number from 1 to 100");
        }
        close = Duration.ofMillis(milliseconds("close", "30s"));
        given.forEach((name, value) -> {
            if (name.startsWith(KAFKA)) {
                kafka.put(name.substring(KAFKA.length()), value);
            } else if (!used.containsKey(name)) {
                throw new IllegalArgumentException(name + ": no such setting; expected one of " + used.keySet());
            }
        });
    }

    /** Of a file, if there is one, and of the environment. */
    static Settings read(Path file) throws IOException {
        Properties properties = new Properties();
        if (file != null) {
            try (Reader reader = Files.newBufferedReader(file)) {
                properties.load(reader);
            }
        }
        return new Settings(properties, System.getenv());
    }

    /** All of them as they are. */
    Map<String, String> shown() {
        return used;
    }

    int openOfPartition() {
        return Math.max(1, maxOpen / partitions);
    }

    int closedOfPartition() {
        return Math.max(1, maxClosed / partitions);
    }

    private String text(String name, String otherwise) {
        String value = given.getOrDefault(name, otherwise);
        used.put(name, value);
        return value;
    }

    private int number(String name, int otherwise, int least, int most) {
        String value = text(name, Integer.toString(otherwise));
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException none) {
            // Said below.
        }
        throw wrong(name, "a whole number from " + least + " to " + most);
    }

    /** {@code 500ms}, {@code 60s}, {@code 15m}, {@code 24h}, {@code 7d}. */
    private long milliseconds(String name, String otherwise) {
        String value = text(name, otherwise);
        String unit = value.replaceFirst("^[0-9]+", "");
        long factor = switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> 0;
        };
        String digits = value.substring(0, value.length() - unit.length());
        if (factor == 0 || digits.isEmpty() || digits.length() > 9) {
            throw wrong(name, "a time like 500ms, 60s, 15m, 24h or 7d");
        }
        return Long.parseLong(digits) * factor;
    }

    private IllegalArgumentException wrong(String name, String expected) {
        return new IllegalArgumentException(name + ": found \"" + used.get(name) + "\", expected " + expected);
    }
}
