package dev.libmona;

import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;

/** Any value as a field: scalars as they are, containers as JSON. What JSON has no word for refuses the event. */
final class Values {
    private static final int LONG_BITS = 64;

    private Values() {}

    static void write(Event event, String name, Object value) {
        try {
            field(event, name, value);
        } catch (RuntimeException broken) {
            // Whatever a value's own code throws, the program that is monitored goes on.
            event.nil(name);
            event.refuse(name, Status.JSON, "a value whose own code threw " + broken.getClass().getName());
        }
    }

    private static void field(Event event, String name, Object value) {
        if (value instanceof Optional<?> perhaps) {
            field(event, name, perhaps.orElse(null));
        } else if (value == null) {
            event.nil(name);
        } else if (value instanceof CharSequence || value instanceof Character) {
            event.str(name, value.toString());
        } else if (value instanceof Enum<?> one) {
            event.str(name, one.name());
        } else if (value instanceof Boolean truth) {
            event.bool(name, truth);
        } else if (value instanceof Double number) {
            event.f64(name, number);
        } else if (value instanceof Float number) {
            event.f32(name, number);
        } else if (value instanceof Long || value instanceof Integer || value instanceof Short
                || value instanceof Byte) {
            event.i64(name, ((Number) value).longValue());
        } else if (value instanceof BigInteger whole) {
            write(event, name, whole);
        } else {
            container(event, name, value);
        }
    }

    private static void write(Event event, String name, BigInteger whole) {
        if (whole.bitLength() < LONG_BITS) {
            event.i64(name, whole.longValue());
        } else if (whole.signum() > 0 && whole.bitLength() == LONG_BITS) {
            event.u64(name, whole.longValue());
        } else {
            // libmona says that this one is beyond 64 bits.
            event.json(name, whole.toString());
        }
    }

    private static void container(Event event, String name, Object value) {
        try {
            event.json(name, Json.text(value));
        } catch (Json.Refused refused) {
            event.nil(name);
            event.refuse(name, refused.status(), refused.getMessage());
        }
    }

    /** Writes the fields of a map; its keys are what {@link #key} takes. */
    static void write(Event event, Map<?, ?> fields) {
        if (fields == null) {
            event.nil("");
            event.refuse("", Status.JSON, "null instead of a map of fields");
            return;
        }
        try {
            for (Map.Entry<?, ?> entry : fields.entrySet()) {
                if (!entry(event, entry.getKey(), entry.getValue())) {
                    return;
                }
            }
        } catch (RuntimeException broken) {
            event.nil("");
            event.refuse("", Status.JSON, "a map whose own code threw " + broken.getClass().getName());
        }
    }

    /** Writes one field; false: the event is refused, and the rest does not matter. */
    private static boolean entry(Event event, Object key, Object value) {
        String name = key(key);
        if (name == null) {
            event.nil("");
            event.refuse(String.valueOf(key), Status.JSON,
                    "a name of " + key.getClass().getName() + ", text is expected");
        } else {
            write(event, name, value);
        }
        return !event.isRefused();
    }

    /** A key as JSON has it: text, or a number, truth value or null as its text; null: it is nothing of that kind. */
    static String key(Object key) {
        if (key instanceof Enum<?> one) {
            return one.name();
        }
        boolean plain = key == null || key instanceof CharSequence || key instanceof Character || key instanceof Boolean
                || key instanceof Long || key instanceof Integer || key instanceof Short || key instanceof Byte
                || key instanceof Double || key instanceof Float || key instanceof BigInteger;
        return plain ? String.valueOf(key) : null;
    }
}
