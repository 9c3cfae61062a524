package dev.libmona.assembler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When ARCs are closed, what comes after that, and what there is too much of. */
class AssemblerTest {
    private static int number(JsonNode row, String name) {
        return row.get(name).asInt();
    }

    @Test
    void anArcIsClosedByTheClockAlone() {
        try (Played played = new Played()) {
            played.event("a", "{'x': 1}", 1).pass("40S").event("a.s", "{'y': 2}", 2).pass("59S");
            assertEquals(List.of(), played.arcs());
            assertEquals(1, played.count("open"));
            JsonNode row = played.pass("2S").arc();
            assertEquals("u", row.get("user_id").asText());
            assertEquals("a", row.get("arc_id").asText());
            assertEquals(1, number(row, "version"));
            assertEquals(2, number(row, "events"));
            assertEquals("[]", row.get("truncated").toString());
            assertEquals(0, played.count("open"));
            assertEquals(1, played.count("closed"));
        }
    }

    @Test
    void anArcThatGoesOnIsSentAgainAndAgain() {
        try (Played played = new Played("max.duration", "2m")) {
            for (int at = 0; at < 10; at++) {
                played.event("a", "{'x': " + at + "}", at).pass("30S");
            }
            List<JsonNode> rows = played.arcs();
            assertEquals(2, rows.size());
            assertEquals("[\"duration\"]", rows.get(0).get("truncated").toString());
            assertEquals(4, number(rows.get(0), "events"));
            assertEquals(8, number(rows.get(1), "events"));
            assertEquals(2, number(rows.get(1), "version"));
            assertEquals(10, number(played.pass("61S").arc(), "events"));
        }
    }

    @Test
    void copiesGoWhenTheArcIsOpenClosedAndForgotten() {
        try (Played played = new Played("horizon", "5m", "memory", "1h")) {
            played.event("a", "{'x': 1}", 1).event("a", "{'x': 1}", 1).event("a", "{'x': 2}", 2).pass("61S");
            assertEquals(1, number(played.arc(), "copies"));
            played.event("a", "{'x': 1}", 1).event("a", "{'x': 2}", 2).pass("61S");
            assertEquals(List.of(), played.arcs());
            assertEquals(3, played.count("copies"));
            played.pass("10M").event("a", "{'x': 1}", 1).event("a", "{'x': 2}", 2).pass("61S");
            assertEquals(5, played.count("copies"));
            assertEquals(List.of(), played.late());
            assertEquals(List.of(), played.arcs());
        }
    }

    @Test
    void whatComesLateMakesAnotherVersionOfTheWholeArc() {
        try (Played played = new Played()) {
            played.event("a", "{'MONA_ARC_CLASS': 'digits'}", 1).event("a", "{'x': 3, 'y': 3}", 3).pass("61S");
            JsonNode first = played.arc();
            // Out of order: what comes late is older, and has no say where something later is known.
            played.pass("5M").event("a", "{'x': 2, 'z': 2}", 2).event("a.s", "{'MONA_ARC_CLASS': 'stage'}", 4).pass("61S");
            JsonNode second = played.arc();
            assertEquals(2, number(second, "version"));
            assertEquals(4, number(second, "events"));
            assertEquals(Requests.json("{'x': 3, 'y': 3, 'z': 2}"), second.get("fields"));
            assertEquals("stage", second.get("contexts").get(0).get("arc_class").asText());
            assertEquals(first.get("first_started"), second.get("first_started"));
            assertEquals("digits", second.get("first_class").asText());
            assertEquals(1, played.count("updates"));
        }
    }

    @Test
    void theClassAndStartOfTheFirstVersionStayTheKey() {
        try (Played played = new Played()) {
            played.event("a", "{'x': 1}", 2).pass("61S");
            assertEquals("", played.arc().get("first_class").asText());
            JsonNode early = Requests.json("{'user_id': 'u', 'context': 'a', 'message': {'MONA_ARC_CLASS': 'late'},"
                    + "'export_timestamp': 1700000000}");
            played.send(Requests.one(early, Requests.INSTANCE + "-1")).pass("61S");
            JsonNode row = played.arc();
            assertEquals("late", row.get("arc_class").asText());
            assertEquals("", row.get("first_class").asText());
            assertEquals(1_700_000_000_000_000_000L, row.get("started").asLong());
            assertEquals(1_800_000_000_000_000_000L, row.get("first_started").asLong());
        }
    }

    @Test
    void behindTheHorizonThereIsAnotherTopic() {
        try (Played played = new Played("horizon", "5m", "memory", "1h")) {
            played.event("a", "{'x': 1}", 1).event("a", "{'x': 2}", 2).pass("61S").arc();
            played.pass("6M").event("a.s", "{'x': 3}", 3).event("a", "{'x': 2}", 2).pass("61S");
            List<JsonNode> late = played.late();
            assertEquals(1, late.size());
            assertEquals(Requests.json("{'user_id': 'u', 'arc_id': 'a', 'context': 'a.s', 'time': 1800000000000000000, 'event_id': '"
                    + Requests.INSTANCE + "-3', 'message': {'x': 3}}"), late.get(0));
            assertEquals(List.of(), played.arcs());
            assertEquals(1, played.count("late"));
            // Nothing is left in the end, and then it is a new ARC.
            played.pass("61M").pass("5S");
            assertEquals(0, played.kept());
            assertEquals(0, played.count("closed"));
            played.event("a", "{'x': 1}", 1).pass("61S");
            assertEquals(1, number(played.arc(), "version"));
        }
    }

    @Test
    void aBacklogKeepsArcsOpen() {
        try (Played played = new Played()) {
            byte[] event = Requests.one(Requests.record("a", "{'x': 1}"), Requests.INSTANCE + "-1");
            byte[] other = Requests.one(Requests.record("b", "{'x': 1}"), Requests.INSTANCE + "-2");
            played.send(event).pass("50S").send(other, 3_600_000).pass("55S");
            // It is behind by an hour; the rest of a may be in what is still to be read.
            assertEquals(List.of(), played.arcs());
            assertEquals(2, played.pass("8S").arcs().size());
        }
    }

    @Test
    void whatIsTooMuchIsSaid() {
        try (Played played = new Played("max.events", "3", "max.contexts", "2", "max.fields", "2")) {
            for (int at = 0; at < 5; at++) {
                played.event("a", "{'x" + at + "': 1}", at);
            }
            JsonNode row = played.event("b.s", "{'x': 1}", 7).event("b.t", "{'x': 1}", 8).pass("61S").arcs().get(0);
            assertEquals(3, number(row, "events"));
            assertEquals(2, number(row, "dropped"));
            assertEquals(1, number(row, "left_out"));
            assertEquals("[\"events\",\"fields\"]", row.get("truncated").toString());
            assertEquals(2, played.count("dropped"));
        }
        try (Played played = new Played("max.contexts", "2")) {
            JsonNode row = played.event("b.s", "{'x': 1}", 7).event("b.t", "{'x': 1}", 8).pass("61S").arc();
            assertEquals("[\"contexts\"]", row.get("truncated").toString());
            assertEquals(2, number(row, "events"));
            assertEquals(1, row.get("contexts").size());
        }
    }

    @Test
    void aRowFitsIntoARecord() {
        try (Played played = new Played("max.row", "3000")) {
            String text = "'" + "é\\u0001".repeat(100) + "'";
            for (int at = 0; at < 20; at++) {
                played.event("a.s" + at, "{'x': " + text + ", 'y': " + text + "}", at);
            }
            JsonNode row = played.pass("61S").arc();
            assertTrue(row.toString().length() < 4000);
            assertEquals(20, number(row, "events"));
            assertTrue(row.get("truncated").toString().contains("fields"));
            assertTrue(number(row, "left_out") > 10);
        }
    }

    @Test
    void globalsAndLateEventsFitTheirsToo() {
        try (Played played = new Played("max.row", "3000", "horizon", "1s")) {
            StringBuilder globals = new StringBuilder();
            for (int at = 0; at < 100; at++) {
                globals.append(at == 0 ? "" : ", ").append("'").append("g".repeat(60)).append(at).append("': 1");
            }
            JsonNode row = played.event("a", "{'MONA_GLOBALS': {" + globals + "}}", 1).pass("61S").arc();
            assertTrue(row.toString().length() < 4000);
            assertEquals(row.get("fields").size(), row.get("globals").size());
            assertEquals(100, row.get("fields").size() + number(row, "left_out"));
            played.pass("20S").event("a", "{'x': '" + "\\u0001".repeat(600) + "'}", 2).event("a", "{'x': 'small'}", 3);
            List<JsonNode> late = played.late();
            assertEquals(Requests.json("{}"), late.get(0).get("message"));
            assertEquals(610, number(late.get(0), "left_out"), 20);
            assertEquals("small", late.get(1).get("message").get("x").asText());
        }
    }

    @Test
    void namesThatAreMadeUpForEachEventReplaceEachOther() {
        try (Played played = new Played("max.fields", "2")) {
            for (int at = 0; at < 50; at++) {
                played.event("a", "{'s': {'u" + at + "': " + at + "}}", at);
            }
            JsonNode row = played.pass("61S").arc();
            assertEquals(Requests.json("{'s.u49': 49}"), row.get("fields"));
            assertEquals(0, number(row, "left_out"));
        }
    }

    @Test
    void closingThatWaitsIsToBeSeen() {
        try (Played played = new Played("partitions", "1")) {
            byte[] event = Requests.one(Requests.record("a", "{'x': 1}"), Requests.INSTANCE + "-1");
            played.send(event, 3_600_000).pass("3S");
            assertEquals(1, played.count("held"));
            // An input that is silent holds nobody up.
            played.pass("61S").pass("1S");
            assertEquals(0, played.count("held"));
            assertEquals(1, played.arcs().size());
        }
    }

    @Test
    void ofTooManyTheLongestSilentIsClosed() {
        try (Played played = new Played("max.open", "2", "partitions", "1")) {
            played.event("a", "{'x': 1}", 1).event("b", "{'x': 1}", 2).event("a", "{'x': 1}", 3).event("c", "{'x': 1}", 4);
            JsonNode row = played.arc();
            assertEquals("b", row.get("arc_id").asText());
            assertEquals("[\"crowded\"]", row.get("truncated").toString());
            // It is not lost: more for it makes another version.
            played.event("b", "{'y': 1}", 5).pass("61S");
            List<JsonNode> rows = played.arcs();
            assertEquals(3, rows.size());
            assertEquals(1, rows.stream().filter(other -> number(other, "version") == 2).count());
        }
    }

    @Test
    void ofTooManyThatAreClosedTheOldestAreForgotten() {
        try (Played played = new Played("max.closed", "1", "horizon", "1s", "partitions", "1")) {
            played.event("a", "{'x': 1}", 1).pass("61S").event("b", "{'x': 1}", 2).pass("61S").pass("5S");
            assertEquals(1, played.count("forgotten"));
            assertEquals(1, played.count("closed"));
        }
    }

    @Test
    void aClockThatIsSetBackForgetsNothingTwice() {
        try (Played played = new Played("gap", "10s", "horizon", "1m")) {
            played.event("a", "{'x': 1}", 1).pass("11S").arc();
            played.pass("2M").event("a", "{'x': 2}", 2);
            assertEquals(1, played.late().size());
            assertFalse(played.pass("20S").arcs().size() > 0);
        }
    }

    @Test
    void severalInstancesWithoutOrderMergeAlike() {
        String other = "00000000-0000-0000-0000-000000000001-";
        String first = null;
        for (int turn = 0; turn < 2; turn++) {
            try (Played played = new Played()) {
                JsonNode one = Requests.json("{'user_id':'u','context':'a','message':{'x':1},'export_timestamp':1800000001}");
                JsonNode two = Requests.json("{'user_id':'u','context':'a','message':{'x':2},'export_timestamp':1800000002}");
                byte[] early = Requests.one(one, other + 5);
                byte[] late = Requests.one(two, Requests.INSTANCE + "-1");
                JsonNode row = played.send(turn == 0 ? early : late).send(turn == 0 ? late : early).pass("61S").arc();
                assertEquals(2, row.get("fields").get("x").asInt());
                String fields = row.get("fields").toString() + row.get("started") + row.get("ended");
                first = first == null ? fields : first;
                assertEquals(first, fields);
            }
        }
    }
}
