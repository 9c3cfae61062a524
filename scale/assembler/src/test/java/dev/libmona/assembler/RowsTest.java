package dev.libmona.assembler;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/** Rows to the last byte: scale/clickhouse/tests/rows.ndjson has them too, and is read there. */
class RowsTest {
    private static LogRecord log(String context, String message, int sequence, long nanoseconds) {
        JsonNode record = Requests.record(context, message);
        return Requests.log(Requests.Way.OTLP, record, Requests.INSTANCE + "-" + sequence).toBuilder()
                .setTimeUnixNano(1_800_000_000_000_000_000L + nanoseconds).build();
    }

    private static byte[] request(LogRecord... logs) {
        return Requests.request(ScopeLogs.newBuilder().addAllLogRecords(List.of(logs))).toByteArray();
    }

    @Test
    void rowsAreTheseBytes() throws IOException {
        List<String> rows = new ArrayList<>();
        try (Played played = new Played()) {
            LogRecord twice = log("a", "{'score': 0.5, 'size': {'w': 3}, 'ok': true}", 3, 1_500_000_000);
            played.send(request(
                    log("a", "{'MONA_GLOBALS': {'country': 'fr \\\"q\\\" é'}}", 1, 250), twice,
                    log("a.detect", "{'MONA_ARC_CLASS': 'detect', 'ms': 12}", 4, 2_000_000_000L),
                    log("b", "{'text': 'a text', 'list': [1, 'x', null], 'none': null}", 6, 0)));
            played.pass("61S").send(request(twice, log("a", "{'MONA_ARC_CLASS': 'digits', 'score': 0.75}", 7, 250),
                    log("a.detect.deep", "{}", 5, 3_000_000_000L))).pass("61S");
            played.driver.createOutputTopic("arcs", new ByteArrayDeserializer(), new ByteArrayDeserializer())
                    .readValuesToList().forEach(row -> rows.add(In.string(row, 0, row.length)));
        }
        Path file = Path.of(System.getProperty("mona.rows"));
        if (System.getenv("MONA_WRITE_ROWS") != null) {
            Files.write(file, rows);
        }
        assertEquals(Files.readAllLines(file), rows);
    }
}
