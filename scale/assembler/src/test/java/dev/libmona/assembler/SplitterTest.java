package dev.libmona.assembler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** What is read of requests, and what becomes of those that are none. */
class SplitterTest {
    private static String header(TestRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Test
    void whatIsNoRequestIsADeadLetter() {
        byte[] poison = {10, 100, 1};
        try (Played played = new Played()) {
            played.send(poison).send(new byte[] {-1}).send(null).event("a", "{'x': 1}", 1).pass("61S");
            List<TestRecord<byte[], byte[]>> dead = played.dead();
            assertEquals(3, dead.size());
            assertArrayEquals(poison, dead.get(0).value());
            assertEquals("a length beyond the end", header(dead.get(0), "mona.reason"));
            assertEquals("mona-0-0", header(dead.get(0), "mona.from"));
            assertEquals("no value", header(dead.get(2), "mona.reason"));
            assertEquals(2, played.count("unreadable"));
            assertEquals(3, played.count("dead"));
            assertEquals(1, played.arcs().size());
        }
    }

    @Test
    void halfARequestIsNoneOfIt() {
        List<JsonNode> records = List.of(Requests.record("a", "{'x': 1}"), Requests.record("b", "{'x': 'text'}"));
        byte[] whole = Requests.request(Requests.Way.OTLP, records, Arrays.asList(null, null));
        try (Played played = new Played()) {
            for (int length = 1; length < whole.length; length++) {
                played.send(Arrays.copyOf(whole, length));
            }
            assertEquals(whole.length - 1, played.dead().size());
            assertEquals(List.of(), played.pass("61S").arcs());
            assertEquals(2, played.send(whole).pass("61S").arcs().size());
        }
    }

    @Test
    void logRecordsOfOthersAreDeadLettersTogether() throws InvalidProtocolBufferException {
        ScopeLogs.Builder scope = ScopeLogs.newBuilder();
        LogRecord other = LogRecord.newBuilder().setBody(AnyValue.newBuilder().setStringValue("hello")).build();
        LogRecord text = Requests.log(Requests.Way.FORWARD, Requests.record("a", "'text'"), null);
        scope.addLogRecords(other).addLogRecords(Requests.log(Requests.Way.OTLP, Requests.record("a", "{'x': 1}"), null))
                .addLogRecords(text);
        try (Played played = new Played()) {
            played.send(Requests.request(scope).toByteArray()).pass("61S");
            assertEquals(1, played.arcs().size());
            assertEquals(2, played.count("strangers"));
            TestRecord<byte[], byte[]> letter = played.dead().get(0);
            assertEquals("no message with fields", header(letter, "mona.reason"));
            ExportLogsServiceRequest request = ExportLogsServiceRequest.parseFrom(letter.value());
            assertEquals(List.of(other, text), request.getResourceLogs(0).getScopeLogs(0).getLogRecordsList());
        }
    }

    @Test
    void anEventWithoutAContextIsAnArc() {
        JsonNode stray = Requests.json("{'user_id': 'u', 'message': {'x': 1}, 'export_timestamp': 1800000000}");
        JsonNode empty = Requests.record("", "{'x': 2}");
        try (Played played = new Played()) {
            played.send(Requests.request(Requests.Way.OTLP, List.of(stray, empty, stray),
                    Arrays.asList(null, null, Requests.INSTANCE + "-7")));
            played.send(Requests.one(stray, Requests.INSTANCE + "-7"));
            List<String> ids = played.pass("61S").arcs().stream().map(row -> row.get("arc_id").asText()).sorted().toList();
            assertEquals(List.of(Requests.INSTANCE + "-7", "mona-0-0-1", "mona-0-0-2"), ids);
            assertEquals(4, played.count("strays"));
            assertEquals(1, played.count("copies"));
        }
    }

    @Test
    void timesAreThoseOfTheLocalCollector() {
        LogRecord otlp = Requests.log(Requests.Way.OTLP, Requests.record("a", "{'x': 1}"), null).toBuilder()
                .setTimeUnixNano(1_800_000_000_123_456_789L).build();
        LogRecord forward = Requests.log(Requests.Way.FORWARD, Requests.record("b", "{'x': 1}"), null);
        LogRecord precise = Requests.log(Requests.Way.FORWARD, Requests.record("c", "{'x': 1}"), null).toBuilder()
                .setTimeUnixNano(1_800_000_000_250_000_000L).build();
        LogRecord never = Requests.log(Requests.Way.FORWARD, Requests.json(
                "{'user_id': 'u', 'context': 'd', 'message': {'x': 1}, 'export_timestamp': -5}"), null);
        ScopeLogs.Builder scope = ScopeLogs.newBuilder().addAllLogRecords(List.of(otlp, forward, precise, never));
        try (Played played = new Played()) {
            List<JsonNode> rows = new ArrayList<>(played.send(Requests.request(scope).toByteArray()).pass("61S").arcs());
            rows.sort((one, two) -> one.get("arc_id").asText().compareTo(two.get("arc_id").asText()));
            assertEquals(List.of(1_800_000_000_123_456_789L, 1_800_000_000_000_000_000L, 1_800_000_000_250_000_000L,
                    1_900_000_000_000_000_000L), rows.stream().map(row -> row.get("started").asLong()).toList());
            assertEquals(1, played.count("untimely"));
        }
    }

    @Test
    void idsOfOthersAreIdsToo() {
        try (Played played = new Played()) {
            for (String id : List.of("x", "x", Requests.INSTANCE, Requests.INSTANCE + "-01", Requests.INSTANCE + "-1",
                    Requests.INSTANCE.toUpperCase() + "-1", Requests.INSTANCE + "-99999999999999999999", "", "")) {
                played.event("a", "{'x': 1}", id);
            }
            JsonNode row = played.pass("61S").arc();
            // Empty ones are none: both are there.
            assertEquals(8, row.get("events").asInt());
            assertEquals(1, row.get("copies").asInt());
        }
    }

    @Test
    void eventsOfManyIdsGoByTheirTimes() {
        List<JsonNode> records = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (int at = 0; at < 3_000; at++) {
            int second = at * 1_009 % 3_000;
            records.add(Requests.json("{'user_id': 'u', 'context': 'a', 'message': {'x': " + second
                    + "}, 'export_timestamp': " + (1_800_000_000L + second) + "}"));
            ids.add("other-" + at);
        }
        try (Played played = new Played()) {
            JsonNode row = played.send(Requests.request(Requests.Way.OTLP, records, ids)).pass("61S").arc();
            assertEquals(3_000, row.get("events").asInt());
            assertEquals(2_999, row.get("fields").get("x").asInt());
        }
    }

    @Test
    void namesOfAnyLengthFitIntoARecord() {
        String text = "n".repeat(5_000);
        JsonNode named = Requests.json("{'user_id': 'u', 'context': 'a', 'arc_class': '" + text + "', 'message': {'x': 1}}");
        JsonNode stray = Requests.json("{'user_id': 'u', 'message': {'x': 1}}");
        try (Played played = new Played("max.batch", "1000")) {
            played.send(Requests.one(named, null)).send(Requests.one(stray, text)).send(Requests.one(stray, text));
            List<JsonNode> rows = played.pass("61S").arcs();
            assertEquals(2, rows.size());
            for (JsonNode row : rows) {
                assertTrue(row.toString().length() < 2_000, row.toString());
            }
            assertEquals(1, played.count("copies"));
        }
    }

    @Test
    void whatIsMangledIsReadAsTheLibraryReadsIt() throws Malformed {
        List<JsonNode> records = List.of(Requests.record("a.b", "{'x': [1, {'y': 'z'}], 'n': -1, 'f': 0.5, 'b': true}"),
                Requests.record("b", "{'x': null}"));
        byte[] whole = Requests.request(Requests.Way.FORWARD, records, Arrays.asList("i", null));
        Random random = new Random(7);
        int taken = 0;
        for (int turn = 0; turn < 20_000; turn++) {
            byte[] bytes = whole.clone();
            for (int count = random.nextInt(3); count >= 0; count--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            boolean theirs = true;
            try {
                ExportLogsServiceRequest.parseFrom(bytes);
            } catch (InvalidProtocolBufferException refused) {
                theirs = false;
            }
            boolean ours = true;
            try {
                new Otlp().read(bytes, event -> { });
            } catch (Malformed refused) {
                ours = false;
            }
            // It also refuses text that is not UTF-8, and takes groups; we read what is inside of no more than we need.
            taken += ours && theirs ? 1 : 0;
        }
        assertEquals(true, taken > 200);
        assertThrows(Malformed.class, () -> new Otlp().read(new byte[] {(byte) 0xff}, event -> { }));
    }

    @Test
    void whatIsReadCanBeMerged() {
        List<JsonNode> records = List.of(
                Requests.record("a.b", "{'x': [1, {'y': 'z'}, [null]], 'n': -1, 'f': 0.5, 'b': true, 'o': {'p': {'q': 1}}}"),
                Requests.record("a", "{'MONA_GLOBALS': {'g': {'h': 1.5}}, 'MONA_ARC_CLASS': 'c', 'x': null}"));
        Random random = new Random(11);
        try (Played played = new Played("horizon", "1s")) {
            for (int turn = 0; turn < 4_000; turn++) {
                byte[] bytes = Requests.request(turn % 2 == 0 ? Requests.Way.FORWARD : Requests.Way.OTLP, records,
                        Arrays.asList(Requests.INSTANCE + "-" + turn, "i" + turn));
                for (int count = random.nextInt(3); count >= 0; count--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                played.send(bytes);
            }
            List<JsonNode> rows = played.pass("61S").arcs();
            assertTrue(rows.size() > 50, rows.size() + " rows");
            // As lines of late ones too.
            played.pass("20S");
            for (int turn = 0; turn < 4_000; turn++) {
                byte[] bytes = Requests.request(turn % 2 == 0 ? Requests.Way.FORWARD : Requests.Way.OTLP, records,
                        Arrays.asList("j" + turn, "k" + turn));
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                played.send(bytes);
            }
            assertTrue(played.late().size() > 1_000);
        }
    }

    @Test
    void valuesInEachOtherAreBounded() {
        AnyValue value = AnyValue.newBuilder().setIntValue(1).build();
        for (int depth = 0; depth < 250; depth++) {
            value = AnyValue.newBuilder().setArrayValue(
                    io.opentelemetry.proto.common.v1.ArrayValue.newBuilder().addValues(value)).build();
        }
        byte[] deep = Requests.request(ScopeLogs.newBuilder().addLogRecords(LogRecord.newBuilder().setBody(value))).toByteArray();
        assertThrows(Malformed.class, () -> new Otlp().read(deep, event -> { }));
    }

    @Test
    void largeRecordsAreHandedOnInParts() {
        try (Played played = new Played("max.batch", "2000")) {
            List<JsonNode> records = new ArrayList<>();
            List<String> ids = new ArrayList<>();
            for (int at = 0; at < 200; at++) {
                records.add(Requests.record(at % 2 == 0 ? "a" : "b" + at, "{'x" + at % 50 + "': 'some text'}"));
                ids.add(Requests.INSTANCE + "-" + at);
            }
            played.send(Requests.request(Requests.Way.OTLP, records, ids)).pass("61S").pass("3S");
            List<JsonNode> rows = played.arcs();
            assertEquals(101, rows.size());
            assertEquals(100, rows.stream().filter(row -> row.get("arc_id").asText().equals("a")).findFirst()
                    .orElseThrow().get("events").asInt());
        }
    }

    @Test
    void whatFitsIntoNoRecordIsADeadLetter() {
        try (Played played = new Played("max.batch", "1000")) {
            JsonNode large = Requests.record("a", "{'x': '" + "y".repeat(2000) + "'}");
            played.send(Requests.one(large, null)).event("a", "{'x': 1}", 1);
            assertEquals("a message larger than max.batch", header(played.dead().get(0), "mona.reason"));
            assertEquals(1, played.pass("61S").arc().get("events").asInt());
        }
    }

    @Test
    void oneThatIsTooLargeCutsNoOther() throws InvalidProtocolBufferException {
        ScopeLogs.Builder scope = ScopeLogs.newBuilder();
        for (int at = 0; at < 10; at++) {
            scope.addLogRecords(LogRecord.newBuilder().setBody(AnyValue.newBuilder().setStringValue(at + "y".repeat(400))));
            if (at == 0) {
                JsonNode large = Requests.record("a", "{'x': '" + "y".repeat(5_000) + "'}");
                scope.addLogRecords(Requests.log(Requests.Way.OTLP, large, null));
            }
        }
        try (Played played = new Played("max.batch", "1000")) {
            List<TestRecord<byte[], byte[]>> dead = played.send(Requests.request(scope).toByteArray()).dead();
            int found = 0;
            for (TestRecord<byte[], byte[]> letter : dead) {
                assertTrue(letter.value().length <= 1000);
                if (header(letter, "mona.reason").equals("no message with fields")) {
                    ExportLogsServiceRequest request = ExportLogsServiceRequest.parseFrom(letter.value());
                    found += request.getResourceLogs(0).getScopeLogs(0).getLogRecordsCount();
                } else {
                    assertTrue(Integer.parseInt(header(letter, "mona.cut")) > 5_000);
                }
            }
            assertEquals(10, found);
            assertEquals(6, dead.size());
            assertEquals(11, played.count("strangers"));
        }
    }

    @Test
    void longUserIdsAreCut() {
        JsonNode record = Requests.json("{'user_id': '" + "u".repeat(5000) + "', 'context': 'a', 'message': {'x': 1}}");
        try (Played played = new Played()) {
            JsonNode row = played.send(Requests.one(record, null)).send(Requests.one(record, null)).pass("61S").arc();
            assertEquals(2, row.get("events").asInt());
            assertEquals(4095, row.get("user_id").asText().getBytes(StandardCharsets.UTF_8).length);
        }
    }
}
