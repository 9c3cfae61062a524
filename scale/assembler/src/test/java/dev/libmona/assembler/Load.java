package dev.libmona.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What stands at both ends of an assembler in the test and the benchmark with a real Kafka.
 *
 * <pre>
 *   topic   SERVERS NAME PARTITIONS
 *           makes one
 *   send    SERVERS TOPIC ARCS WINDOW COPIES RATE PER_RECORD [FROM]
 *           events of so many ARCs, the first of them number FROM, mixed in a window of so many; of a hundred events COPIES come twice; RATE events a second
 *           (0: all at once), PER_RECORD in a record
 *   check   SERVERS TOPIC ARCS SECONDS
 *           waits for the rows of all, and says what is wrong with them
 * </pre>
 */
final class Load {
    /** Events of an ARC: its class, its globals, five of its own and a sub-context with its class and two. */
    static final int EVENTS = 10;
    private static final int CLIENTS = 50;

    private Load() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "topic" -> {
                try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[1]))) {
                    admin.createTopics(List.of(new NewTopic(arguments[2], Integer.parseInt(arguments[3]), (short) 1)))
                            .all().get();
                }
            }
            case "send" -> send(arguments[1], arguments[2], Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]),
                    Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]), Integer.parseInt(arguments[7]),
                    arguments.length > 8 ? Integer.parseInt(arguments[8]) : 0);
            case "check" -> System.exit(
                    check(arguments[1], arguments[2], Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4])) ? 0 : 1);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void send(String servers, String topic, int arcs, int window, int copies, int rate, int perRecord,
            int first) throws Exception {
        Properties config = new Properties();
        config.put("bootstrap.servers", servers);
        config.put("acks", "all");
        config.put("linger.ms", 0);
        Random random = new Random(1);
        int[] done = new int[arcs];
        int[] active = new int[Math.min(window, arcs)];
        for (int at = 0; at < active.length; at++) {
            active[at] = at;
        }
        int next = active.length;
        int left = active.length;
        long[] sequences = new long[CLIENTS];
        // Numbers of another run are never used again.
        Arrays.fill(sequences, (long) first * EVENTS);
        long sent = 0;
        long bytes = 0;
        long started = System.nanoTime();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            ScopeLogs.Builder scope = ScopeLogs.newBuilder();
            int partition = 0;
            int partitions = producer.partitionsFor(topic).size();
            while (left > 0) {
                int at = random.nextInt(left);
                int arc = active[at];
                LogRecord event = event(first + arc, done[arc], sequences[arc % CLIENTS]++);
                scope.addLogRecords(event);
                if (random.nextInt(100) < copies) {
                    scope.addLogRecords(event);
                }
                sent++;
                if (++done[arc] == EVENTS) {
                    active[at] = next < arcs ? next++ : active[--left];
                }
                if (scope.getLogRecordsCount() >= perRecord || left == 0) {
                    byte[] value = Requests.request(scope).toByteArray();
                    bytes += value.length;
                    producer.send(new ProducerRecord<>(topic, partition++ % partitions, null, value));
                    scope = ScopeLogs.newBuilder();
                    long due = rate == 0 ? 0 : started + sent * 1_000_000_000L / rate;
                    long early = due - System.nanoTime();
                    if (early > 0) {
                        Thread.sleep(early / 1_000_000);
                    }
                }
            }
        }
        System.out.printf("sent %d events of %d ARCs, %d bytes an event%n", sent, arcs, bytes / sent);
    }

    static String arcId(int arc) {
        return new UUID(0x1234_5678_9abc_4defL ^ arc * 0x9e37_79b9_7f4a_7c15L, arc * 0xbf58_476d_1ce4_e5b9L).toString();
    }

    private static LogRecord event(int arc, int number, long sequence) {
        int client = arc % CLIENTS;
        String id = arcId(arc);
        String context = number < 7 ? id : id + ".detect-1";
        String instance = new UUID(client, ~client).toString();
        KeyValueList.Builder message = KeyValueList.newBuilder();
        switch (number) {
            case 0 -> put(message, "MONA_ARC_CLASS", text("digit-classifier"));
            case 1 -> put(message, "MONA_GLOBALS", AnyValue.newBuilder().setKvlistValue(KeyValueList.newBuilder()
                    .addValues(KeyValue.newBuilder().setKey("model").setValue(text("v" + arc % 3)))
                    .addValues(KeyValue.newBuilder().setKey("country").setValue(text("fr")))).build());
            case 7 -> put(message, "MONA_ARC_CLASS", text("detect"));
            default -> {
                put(message, "step", AnyValue.newBuilder().setIntValue(number).build());
                put(message, "confidence" + number, AnyValue.newBuilder().setDoubleValue(arc % 1000 / 1000.0).build());
                put(message, "label", text("a label of some length"));
                put(message, "ok", AnyValue.newBuilder().setBoolValue(true).build());
            }
        }
        return LogRecord.newBuilder()
                .setTimeUnixNano(1_800_000_000_000_000_000L + sequence * 1_000_000)
                .setBody(AnyValue.newBuilder().setKvlistValue(message))
                .addAttributes(KeyValue.newBuilder().setKey("user_id").setValue(text("acme")))
                .addAttributes(KeyValue.newBuilder().setKey("context").setValue(text(context)))
                .addAttributes(KeyValue.newBuilder().setKey("arc_id").setValue(text(id)))
                .addAttributes(KeyValue.newBuilder().setKey("event_id").setValue(text(instance + "-" + sequence)))
                .build();
    }

    private static AnyValue text(String text) {
        return AnyValue.newBuilder().setStringValue(text).build();
    }

    private static void put(KeyValueList.Builder message, String name, AnyValue value) {
        message.addValues(KeyValue.newBuilder().setKey(name).setValue(value));
    }

    private static boolean check(String servers, String topic, int arcs, int seconds) throws Exception {
        Properties config = new Properties();
        config.put("bootstrap.servers", servers);
        config.put("isolation.level", "read_committed");
        long rows = 0;
        long again = 0;
        Map<String, Integer> versions = new HashMap<>();
        Map<String, JsonNode> last = new TreeMap<>();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                    .map(part -> new TopicPartition(topic, part.partition())).toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            int whole = 0;
            // A little longer than until all are there: what comes twice comes behind.
            for (int idle = 0; System.nanoTime() < end && (whole < arcs || idle < 10); ) {
                int before = whole;
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    JsonNode row = Requests.JSON.readTree(record.value());
                    String arc = row.get("arc_id").asText();
                    rows++;
                    int version = row.get("version").asInt();
                    int known = versions.merge(arc, version, Math::max);
                    again += last.containsKey(arc) && last.get(arc).get("version").asInt() >= version ? 1 : 0;
                    boolean wasWhole = last.containsKey(arc) && isWhole(last.get(arc));
                    if (known == version) {
                        ((com.fasterxml.jackson.databind.node.ObjectNode) row).retain(
                                "version", "events", "fields", "contexts", "arc_class", "copies");
                        last.put(arc, row);
                        whole += (isWhole(row) ? 1 : 0) - (wasWhole ? 1 : 0);
                    }
                }
                idle = whole == before ? idle + 1 : 0;
            }
        }
        long missing = 0;
        long partial = 0;
        long strange = last.size();
        long copies = 0;
        for (int arc = 0; arc < arcs; arc++) {
            JsonNode row = last.get(arcId(arc));
            if (row == null) {
                missing++;
                continue;
            }
            strange--;
            copies += row.get("copies").asLong();
            partial += isWhole(row) ? 0 : 1;
        }
        long updated = last.values().stream().filter(row -> row.get("version").asInt() > 1).count();
        System.out.printf("rows %d, ARCs %d, missing %d, partial %d, twice %d, strange %d, updated %d, copies %d%n",
                rows, last.size(), missing, partial, again, strange, updated, copies);
        return missing + partial + again + strange == 0;
    }

    private static boolean isWhole(JsonNode row) {
        return row.get("events").asInt() == EVENTS
                && row.get("arc_class").asText().equals("digit-classifier")
                && row.get("fields").size() == 10
                && row.get("contexts").size() == 1
                && row.get("contexts").get(0).get("fields").size() == 5;
    }
}
