package dev.libmona;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The values of the scenario file as Java has them. */
final class ScenarioValues {
    private ScenarioValues() {}

    /** A value that JSON has no word for. */
    record Odd(String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    static Object value(Object given) {
        if (given instanceof List<?> list) {
            List<Object> values = new ArrayList<>();
            list.forEach(one -> values.add(value(one)));
            return values;
        }
        if (!(given instanceof Map<?, ?> map)) {
            return given;
        }
        if (map.size() == 1) {
            Map.Entry<?, ?> only = map.entrySet().iterator().next();
            if (only.getKey().toString().startsWith("$")) {
                return special(only.getKey().toString(), only.getValue());
            }
        }
        Map<Object, Object> values = new LinkedHashMap<>();
        map.forEach((key, inner) -> values.put(key, value(inner)));
        return values;
    }

    private static Object special(String name, Object given) {
        return switch (name) {
            case "$float" -> Double.valueOf(given.toString());
            case "$int" -> new BigInteger(given.toString());
            case "$utf16" -> units((List<?>) given);
            case "$nest" -> nest((Map<?, ?>) given);
            case "$repeat" -> ((Map<?, ?>) given).get("s").toString().repeat(whole(((Map<?, ?>) given).get("n")));
            case "$json_text" -> JsonReader.read(given.toString());
            case "$map" -> pairs((List<?>) given);
            case "$nonjson" -> odd(given.toString());
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static int whole(Object given) {
        return ((Number) given).intValue();
    }

    private static String units(List<?> units) {
        StringBuilder text = new StringBuilder();
        units.forEach(unit -> text.append((char) whole(unit)));
        return text.toString();
    }

    private static Object nest(Map<?, ?> given) {
        Object inner = value(given.get("leaf"));
        for (int level = 0; level < whole(given.get("depth")); level++) {
            inner = "list".equals(given.get("kind")) ? new ArrayList<>(java.util.Collections.singletonList(inner))
                    : new LinkedHashMap<>(java.util.Collections.singletonMap("k", inner));
        }
        return inner;
    }

    private static Map<Object, Object> pairs(List<?> pairs) {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (Object pair : pairs) {
            map.put(((List<?>) pair).get(0), value(((List<?>) pair).get(1)));
        }
        return map;
    }

    /** What is as odd here; a timestamp of that kind is reported as its text, which is Python's. */
    private static Object odd(String kind) {
        return switch (kind) {
            case "bytes" -> new byte[] {'x'};
            case "decimal" -> new java.math.BigDecimal("1.5");
            case "datetime" -> new Odd("2020-01-01 00:00:00");
            case "complex" -> new Odd("1j");
            default -> new Odd(kind);
        };
    }
}
