package dev.libmona.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.List;

/** Makes requests of OTLP out of records as libmona has them, by the classes of OpenTelemetry. */
final class Requests {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String INSTANCE = "5b0e4c1e-7a0f-4a52-9d0e-3f4f0c2f5c11";

    /** Straight by OTLP, or by Forward through an OpenTelemetry Collector. */
    enum Way { OTLP, FORWARD }

    private Requests() {}

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (java.io.IOException wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }

    /** A record of user u; the message with ' for quotes. */
    static JsonNode record(String context, String message) {
        return json("{'user_id': 'u', 'context': '" + context + "', 'message': " + message
                + ", 'export_timestamp': 1800000000}");
    }

    /** A record of the topic; null as an id is none. */
    static byte[] request(Way way, List<JsonNode> records, List<String> ids) {
        ScopeLogs.Builder scope = ScopeLogs.newBuilder();
        for (int at = 0; at < records.size(); at++) {
            scope.addLogRecords(log(way, records.get(at), ids.get(at)));
        }
        return request(scope).toByteArray();
    }

    static ExportLogsServiceRequest request(ScopeLogs.Builder scope) {
        return ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder().addScopeLogs(scope)).build();
    }

    /** One event. */
    static byte[] one(JsonNode record, String id) {
        return request(Way.OTLP, List.of(record), java.util.Collections.singletonList(id));
    }

    static LogRecord log(Way way, JsonNode record, String id) {
        LogRecord.Builder log = LogRecord.newBuilder();
        long seconds = record.path("export_timestamp").asLong();
        log.setTimeUnixNano(way == Way.OTLP ? seconds * 1_000_000_000L : 1_900_000_000L * 1_000_000_000L);
        attribute(log, "user_id", record.get("user_id"));
        attribute(log, "context", record.get("context"));
        attribute(log, "arc_class", record.get("arc_class"));
        if (id != null) {
            log.addAttributes(KeyValue.newBuilder().setKey("event_id").setValue(AnyValue.newBuilder().setStringValue(id)));
        }
        if (way == Way.OTLP) {
            if (record.has("message")) {
                log.setBody(value(record.get("message")));
            }
        } else {
            attribute(log, "export_timestamp", record.get("export_timestamp"));
            attribute(log, "message", record.get("message"));
            attribute(log, "fluent.tag", json("'mona.client.message'"));
            log.setBody(AnyValue.getDefaultInstance());
        }
        return log.build();
    }

    private static void attribute(LogRecord.Builder log, String name, JsonNode value) {
        if (value != null) {
            log.addAttributes(KeyValue.newBuilder().setKey(name).setValue(value(value)));
        }
    }

    static AnyValue value(JsonNode json) {
        AnyValue.Builder value = AnyValue.newBuilder();
        if (json.isTextual()) {
            value.setStringValue(json.asText());
        } else if (json.isBoolean()) {
            value.setBoolValue(json.asBoolean());
        } else if (json.canConvertToLong() && json.isIntegralNumber()) {
            value.setIntValue(json.asLong());
        } else if (json.isIntegralNumber()) {
            // As the OpenTelemetry specification has numbers above int64.
            value.setStringValue(json.bigIntegerValue().toString());
        } else if (json.isNumber()) {
            value.setDoubleValue(json.asDouble());
        } else if (json.isBinary()) {
            value.setBytesValue(ByteString.copyFromUtf8(json.asText()));
        } else if (json.isArray()) {
            ArrayValue.Builder list = ArrayValue.newBuilder();
            json.forEach(item -> list.addValues(value(item)));
            value.setArrayValue(list);
        } else if (json.isObject()) {
            KeyValueList.Builder list = KeyValueList.newBuilder();
            json.properties().forEach(field ->
                    list.addValues(KeyValue.newBuilder().setKey(field.getKey()).setValue(value(field.getValue()))));
            value.setKvlistValue(list);
        }
        return value.build();
    }
}
