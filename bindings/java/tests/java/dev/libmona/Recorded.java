package dev.libmona;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A client whose records stay in memory, and what arrived. */
final class Recorded implements AutoCloseable {
    // Only ends a hang.
    static final Duration LONG = Duration.ofSeconds(60);

    final Client client;

    Recorded() {
        this(new Options());
    }

    Recorded(Options options) {
        client = Client.create(options.endpoint("memory:").flushIntervalMs(1));
    }

    /** The records delivered since the last call. */
    List<Map<String, Object>> records() {
        client.flush(LONG);
        List<Map<String, Object>> records = new ArrayList<>();
        for (var one = client.take(); one.isPresent(); one = client.take()) {
            records.add(JsonReader.object(one.get()));
        }
        return records;
    }

    /** Their messages. */
    List<Object> messages() {
        return records().stream().map(one -> one.get("message")).toList();
    }

    @Override
    public void close() {
        client.close(LONG);
    }
}
