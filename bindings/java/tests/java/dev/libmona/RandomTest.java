package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random events arrive as they were sent, whichever way they are given. */
class RandomTest {
    private static final int EVENTS = 3_000;
    private static final int MOST_FIELDS = 60;
    private static final int MOST_LEVELS = 4;

    private final Random random;
    private final long seed;

    RandomTest() {
        seed = Long.getLong("mona.seed", System.nanoTime());
        random = new Random(seed);
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(random.nextInt(20) == 0 ? 3_000 : 40);
        // Most texts are of one script.
        int most = new int[] {0x80, 0x80, 0x800, 0x10000, 0x110000}[random.nextInt(5)];
        while (text.length() < length) {
            int point = random.nextInt(most);
            if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
                text.appendCodePoint(point);
            }
        }
        return text.toString();
    }

    private Object scalar() {
        return switch (random.nextInt(6)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> random.nextLong();
            case 3 -> (long) random.nextInt(100);
            case 4 -> random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
            default -> text();
        };
    }

    private Object value(int level) {
        if (level == MOST_LEVELS || random.nextInt(4) > 0) {
            return scalar();
        }
        int size = random.nextInt(5);
        if (random.nextBoolean()) {
            List<Object> list = new ArrayList<>();
            for (int n = 0; n < size; n++) {
                list.add(value(level + 1));
            }
            return list;
        }
        Map<String, Object> map = new LinkedHashMap<>();
        for (int n = 0; n < size; n++) {
            map.put(text(), value(level + 1));
        }
        return map;
    }

    private Map<String, Object> event() {
        Map<String, Object> event = new LinkedHashMap<>();
        int fields = 1 + random.nextInt(MOST_FIELDS);
        for (int n = 0; n < fields; n++) {
            event.put(random.nextBoolean() ? "field_" + random.nextInt(400) : text(), value(1));
        }
        return event;
    }

    private static void typed(Event e, Map<String, Object> event) {
        event.forEach((name, value) -> {
            if (value == null) {
                e.nil(name);
            } else if (value instanceof Long whole) {
                e.i64(name, whole);
            } else if (value instanceof Double number) {
                e.f64(name, number);
            } else if (value instanceof Boolean truth) {
                e.bool(name, truth);
            } else if (value instanceof String text) {
                e.str(name, text);
            } else {
                e.value(name, value);
            }
        });
    }

    @Test
    void arriveAsTheyWere() throws Exception {
        try (var mona = new Recorded(new Options().maxEventBytes(2 << 20)); var run = mona.client.context(null)) {
            for (int n = 0; n < EVENTS; n++) {
                Map<String, Object> event = event();
                String said = "seed " + seed + ", event " + n;
                Outcome outcome = switch (n % 3) {
                    case 0 -> run.export(event);
                    case 1 -> run.export(e -> typed(e, event));
                    default -> run.exportJson(Json.text(event));
                };
                assertEquals(Outcome.DONE, outcome, said);
                mona.client.flush(Recorded.LONG);
                assertEquals(event, JsonReader.object(mona.client.take().orElseThrow()).get("message"), said);
            }
        }
    }
}
