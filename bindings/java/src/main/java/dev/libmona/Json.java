package dev.libmona;

import java.lang.reflect.Array;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;

/** Values as JSON text, as libmona reads it: NaN and infinities are bare words. */
final class Json {
    // The most levels that the option max_depth takes. libmona refuses a message of more; here it ends cycles.
    private static final int MOST_LEVELS = 10_000;
    private static final String HEX = "0123456789abcdef";
    private static final int FIRST_PRINTABLE = 0x20;

    private final StringBuilder text = new StringBuilder();

    private Json() {}

    /** What cannot be written. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final Status status;

        Refused(Status status, String message) {
            super(message, null, false, false);
            this.status = status;
        }

        Status status() {
            return status;
        }
    }

    /** A value as JSON. */
    static String text(Object value) throws Refused {
        Json json = new Json();
        try {
            json.write(value, 0);
        } catch (StackOverflowError deep) {
            throw new Refused(Status.LIMIT, "nested deeper than this thread's stack allows");
        } catch (RuntimeException broken) {
            // A map that is changed meanwhile, a text that fails to say itself.
            throw new Refused(Status.JSON, "a value whose own code threw " + broken.getClass().getName());
        }
        return json.text.toString();
    }

    private void write(Object value, int level) throws Refused {
        if (level > MOST_LEVELS) {
            throw new Refused(Status.LIMIT, "nested deeper than " + MOST_LEVELS + " levels, or in itself");
        }
        bound(0);
        if (value instanceof Optional<?> perhaps) {
            write(perhaps.orElse(null), level);
        } else if (value == null || value instanceof Boolean || value instanceof Long || value instanceof Integer
                || value instanceof Short || value instanceof Byte || value instanceof Double
                || value instanceof Float || value instanceof BigInteger) {
            text.append(value);
        } else if (value instanceof CharSequence || value instanceof Character) {
            string(value.toString());
        } else if (value instanceof Enum<?> one) {
            string(one.name());
        } else if (value instanceof Map<?, ?> map) {
            object(map, level);
        } else if (value instanceof Iterable<?> list && !(value instanceof java.nio.file.Path)) {
            array(list, level);
        } else if (value.getClass().isArray() && !(value instanceof byte[])) {
            elements(value, level);
        } else {
            throw new Refused(Status.JSON, value.getClass().getName()
                    + ", expected is null, a boolean, a whole number, a double, text, a map, a list or an array");
        }
    }

    private void object(Map<?, ?> map, int level) throws Refused {
        char before = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String key = Values.key(entry.getKey());
            if (key == null) {
                throw new Refused(Status.JSON, "a key of " + entry.getKey().getClass().getName()
                        + ", text is expected");
            }
            text.append(before);
            before = ',';
            string(key);
            text.append(':');
            write(entry.getValue(), level + 1);
        }
        text.append(before == '{' ? "{}" : "}");
    }

    private void array(Iterable<?> list, int level) throws Refused {
        char before = '[';
        for (Object element : list) {
            text.append(before);
            before = ',';
            write(element, level + 1);
        }
        text.append(before == '[' ? "[]" : "]");
    }

    private void elements(Object array, int level) throws Refused {
        int length = Array.getLength(array);
        for (int place = 0; place < length; place++) {
            text.append(place == 0 ? '[' : ',');
            write(Array.get(array, place), level + 1);
        }
        text.append(length == 0 ? "[]" : "]");
    }

    /** Refuses what grows beyond all that can be sent: an endless list, or one that has another many times. */
    private void bound(int more) throws Refused {
        if (text.length() + (long) more > Event.MOST_CHARS) {
            throw new Refused(Status.LIMIT, "JSON of more than " + Event.MOST_CHARS + " characters");
        }
    }

    private void string(String given) throws Refused {
        bound(given.length());
        text.append('"');
        int length = given.length();
        for (int place = 0; place < length; place++) {
            char unit = given.charAt(place);
            if (unit == '"' || unit == '\\') {
                text.append('\\').append(unit);
            } else if (unit < FIRST_PRINTABLE) {
                text.append("\\u00").append(HEX.charAt(unit >> 4)).append(HEX.charAt(unit & 0xF));
            } else {
                text.append(unit);
            }
        }
        text.append('"');
    }
}
