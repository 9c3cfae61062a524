package dev.libmona.assembler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The vectors that the local collector plays too (collector/tests/arc_vectors.rs). */
class VectorsTest {
    @TestFactory
    List<DynamicTest> vectors() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("mona.vectors")))) {
            for (Path file : files.sorted().toList()) {
                for (JsonNode vector : Requests.JSON.readTree(file.toFile())) {
                    String name = file.getFileName() + ": " + vector.get("name").asText();
                    for (Requests.Way way : Requests.Way.values()) {
                        tests.add(DynamicTest.dynamicTest(name + ", " + way, () -> inOrder(vector, way)));
                    }
                    tests.add(DynamicTest.dynamicTest(name + ", mixed with copies", () -> mixed(vector)));
                    tests.add(DynamicTest.dynamicTest(name + ", without ids", () -> withoutIds(vector)));
                }
            }
        }
        assertTrue(tests.size() > 100);
        return tests;
    }

    private static List<JsonNode> records(JsonNode vector) {
        List<JsonNode> records = new ArrayList<>();
        vector.get("records").forEach(records::add);
        return records;
    }

    private static String id(int at) {
        return Requests.INSTANCE + "-" + at;
    }

    private static void inOrder(JsonNode vector, Requests.Way way) {
        List<JsonNode> records = records(vector);
        List<String> ids = new ArrayList<>();
        for (int at = 0; at < records.size(); at++) {
            ids.add(id(at));
        }
        try (Played played = new Played()) {
            played.send(Requests.request(way, records, ids)).pass("61S");
            assertEquals(expected(vector), found(played.arcs()));
        }
    }

    private static void withoutIds(JsonNode vector) {
        try (Played played = new Played()) {
            records(vector).forEach(record -> played.send(Requests.one(record, null)));
            assertEquals(expected(vector), found(played.pass("61S").arcs()));
        }
    }

    /** Each event twice and in any order, in records of a few. */
    private static void mixed(JsonNode vector) {
        List<JsonNode> records = records(vector);
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            List<Integer> order = new ArrayList<>();
            for (int at = 0; at < records.size(); at++) {
                order.add(at);
                order.add(at);
            }
            Collections.shuffle(order, random);
            try (Played played = new Played()) {
                for (int from = 0; from < order.size(); ) {
                    int to = Math.min(order.size(), from + 1 + random.nextInt(3));
                    List<JsonNode> some = order.subList(from, to).stream().map(records::get).toList();
                    List<String> ids = order.subList(from, to).stream().map(VectorsTest::id).toList();
                    played.send(Requests.request(Requests.Way.values()[random.nextInt(2)], some, ids));
                    from = to;
                }
                List<JsonNode> rows = played.pass("61S").arcs();
                assertEquals(expected(vector), found(rows));
                assertEquals(records.size(), played.count("copies"));
                assertEquals(records.size(), rows.stream().mapToInt(row -> row.get("copies").asInt()).sum());
            }
        }
    }

    private static Map<String, JsonNode> expected(JsonNode vector) {
        Map<String, JsonNode> arcs = new TreeMap<>();
        for (JsonNode arc : vector.get("arcs")) {
            arc.get("contexts").forEach(context -> plain((ObjectNode) context));
            arcs.put(arc.get("user_id").asText() + " " + arc.get("contexts").get(0).get("context").asText(), arc);
        }
        return arcs;
    }

    /** Rows in the form of the vectors. */
    private static Map<String, JsonNode> found(List<JsonNode> rows) {
        Map<String, JsonNode> arcs = new TreeMap<>();
        for (JsonNode row : rows) {
            ObjectNode arc = Requests.JSON.createObjectNode();
            arc.set("user_id", row.get("user_id"));
            ArrayNode contexts = arc.putArray("contexts");
            ObjectNode main = contexts.addObject();
            main.set("context", row.get("arc_id"));
            main.put("position", 0).put("parent", -1);
            main.set("events", row.get("main_events"));
            for (String name : List.of("arc_class", "started", "ended", "globals", "fields")) {
                main.set(name, row.get(name));
            }
            row.get("contexts").forEach(context -> contexts.add(context.deepCopy()));
            for (JsonNode context : contexts) {
                for (String name : List.of("started", "ended")) {
                    assertEquals(0, context.get(name).asLong() % 1_000_000_000);
                    ((ObjectNode) context).put(name, context.get(name).asLong() / 1_000_000_000);
                }
                plain((ObjectNode) context);
            }
            arcs.put(row.get("user_id").asText() + " " + row.get("arc_id").asText(), arc);
            assertEquals("[]", row.get("truncated").toString());
        }
        return arcs;
    }

    /** Globals in order and never absent; numbers of one type. */
    private static void plain(ObjectNode context) {
        List<String> globals = new ArrayList<>();
        context.path("globals").forEach(name -> globals.add(name.asText()));
        Collections.sort(globals);
        ArrayNode list = context.putArray("globals");
        globals.forEach(list::add);
        for (String name : List.of("position", "parent", "started", "ended", "events")) {
            context.put(name, context.get(name).asLong());
        }
    }
}
