package dev.libmona;

import java.nio.ByteBuffer;

/**
 * One event that is being written, field by field; each method gives the event itself. Of two fields of the same name
 * the later value counts. It belongs to the call that gave it, and to the thread of that: elsewhere and afterwards its
 * methods throw an {@link IllegalStateException}.
 *
 * <p>Fields are written in place as libmona reads them, so that one foreign call sends them all, and nothing is
 * allocated for fields that are numbers or short texts.
 */
public final class Event {
    // Most events have fewer; more make the room grow.
    private static final int FIELDS = 32;
    // An event of more cannot be within max_event_bytes, 2 MiB at most.
    private static final int MOST_FIELDS = 1 << 20;
    // The texts of an ordinary event; more make the room grow.
    private static final int TEXT_BYTES = 2_048;
    // Four times the largest event that libmona takes (max_event_bytes, 2 MiB at most), and no more than libmona
    // needs to see that it is too large.
    private static final int MOST_TEXT_BYTES = 8 << 20;
    /** The longest text that is handed to libmona: more bytes than it takes, whatever the characters are. */
    static final int MOST_CHARS = MOST_TEXT_BYTES / Text.MOST_BYTES_PER_CHAR;
    // What a thread keeps between events. An event beyond is rare, and its room would be held for ever.
    private static final int KEPT_TEXT_BYTES = 65_536;
    // Layout of mona_field, frozen by the binary interface.
    private static final int SIZE = 40;
    private static final int KEY_LENGTH = 8;
    private static final int KIND = 16;
    private static final int RESERVED = 20;
    private static final int VALUE = 24;
    private static final int LENGTH = 32;
    // A kind that there is not: libmona refuses the field by its name, counts it and logs it.
    private static final int NO_KIND = 0;

    private final Keys keys = new Keys();
    private ByteBuffer fields = Text.buffer(FIELDS * SIZE);
    private long fieldsAddress = Calls.address(fields);
    private ByteBuffer text = Text.buffer(TEXT_BYTES);
    private long textAddress = Calls.address(text);
    private int count;
    private int used;
    private int limit = FIELDS * SIZE;
    private String wrong;
    private Status wrongStatus;
    private int wrongAt;
    // Whose call it is in. Two threads that write at once would leave places that are no addresses.
    private Thread owner;

    Event() {}

    /** A field with a floating-point number; NaN and infinities are null unless the option nonfinite says otherwise. */
    public Event f64(String name, double value) {
        int at = field(name, Constants.FIELD_F64);
        fields.putDouble(at + VALUE, value);
        return this;
    }

    /** A field with a float, which every receiver shows by its shortest text: 0.97f is 0.97. */
    public Event f32(String name, float value) {
        int at = field(name, Constants.FIELD_F32);
        fields.putFloat(at + VALUE, value);
        return this;
    }

    /** A field with a signed whole number. */
    public Event i64(String name, long value) {
        int at = field(name, Constants.FIELD_I64);
        fields.putLong(at + VALUE, value);
        return this;
    }

    /** A field with an unsigned whole number, as {@link Long#toUnsignedString(long)} shows it. */
    public Event u64(String name, long value) {
        int at = field(name, Constants.FIELD_U64);
        fields.putLong(at + VALUE, value);
        return this;
    }

    /** A field that is true or false. */
    public Event bool(String name, boolean value) {
        int at = field(name, Constants.FIELD_BOOL);
        fields.putInt(at + VALUE, value ? 1 : 0);
        return this;
    }

    /** A field with text; null makes it null. */
    public Event str(String name, String value) {
        return text(name, Constants.FIELD_STR, value);
    }

    /** A field with one JSON value given as text, for arrays and objects; null makes it null. */
    public Event json(String name, String value) {
        return text(name, Constants.FIELD_JSON, value);
    }

    /** A field that is null. */
    public Event nil(String name) {
        field(name, Constants.FIELD_NULL);
        return this;
    }

    /**
     * A field with whatever the value is: null, a boolean, a number, text, a map, a list, an array. The README has the
     * table. Anything else refuses the event.
     */
    public Event value(String name, Object value) {
        Values.write(this, name, value);
        return this;
    }

    private Event text(String name, int kind, String value) {
        int at = field(name, kind);
        if (value == null) {
            fields.putLong(at + VALUE, 0).putLong(at + LENGTH, 0);
        } else if (ensure(value.length())) {
            int end = Text.write(value, text, used);
            fields.putLong(at + VALUE, textAddress + used).putLong(at + LENGTH, end - used);
            used = end;
        } else {
            // What the room had before is no address.
            fields.putLong(at + VALUE, 0).putLong(at + LENGTH, 0);
            refuse(name, Status.LIMIT, "text of " + value.length() + " characters, at most " + MOST_CHARS
                    + " are taken");
        }
        return this;
    }

    /** Begins a field; gives its place. */
    private int field(String name, int kind) {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("an event belongs to the call that gave it, and to the thread of that");
        }
        int at = count * SIZE;
        if (at == limit) {
            at = grow();
        }
        count++;
        if (name == null) {
            // libmona refuses it.
            fields.putLong(at, 0).putLong(at + KEY_LENGTH, 0);
        } else if (!keys.put(name, fields, at, at + KEY_LENGTH)) {
            key(name, at);
        }
        fields.putInt(at + KIND, kind).putInt(at + RESERVED, 0);
        return at;
    }

    private void key(String name, int at) {
        if (ensure(name.length())) {
            int end = Text.write(name, text, used);
            fields.putLong(at, textAddress + used).putLong(at + KEY_LENGTH, end - used);
            used = end;
        } else {
            fields.putLong(at, 0).putLong(at + KEY_LENGTH, 0);
            refuse("", Status.LIMIT, "a name of " + name.length() + " characters");
        }
    }

    /** Refuses the event for a field of it: nothing is sent, and libmona logs and counts that. */
    void refuse(String name, Status status, String reason) {
        if (wrong == null) {
            wrong = "field \"" + name + "\": " + reason;
            wrongStatus = status;
            wrongAt = Math.max(count - 1, 0) * SIZE;
        }
    }

    /** Makes room for a text of so many chars. */
    private boolean ensure(int chars) {
        long needed = used + (long) chars * Text.MOST_BYTES_PER_CHAR;
        if (needed <= text.capacity()) {
            return true;
        }
        if (needed > MOST_TEXT_BYTES) {
            return false;
        }
        ByteBuffer larger = Text.buffer((int) Math.min(Math.max(needed, 2L * text.capacity()), MOST_TEXT_BYTES));
        larger.put(0, text, 0, used);
        long address = Calls.address(larger);
        // Fields that are written already point into the room before.
        for (int at = 0; at < count * SIZE; at += SIZE) {
            move(at, address);
            int kind = fields.getInt(at + KIND);
            if (kind == Constants.FIELD_STR || kind == Constants.FIELD_JSON) {
                move(at + VALUE, address);
            }
        }
        text = larger;
        textAddress = address;
        return true;
    }

    private void move(int at, long address) {
        long distance = fields.getLong(at) - textAddress;
        if (distance >= 0 && distance < text.capacity()) {
            fields.putLong(at, address + distance);
        }
    }

    /** Makes room for more fields; gives the place of the next one. */
    private int grow() {
        if (count >= MOST_FIELDS) {
            refuse("", Status.LIMIT, "more than " + MOST_FIELDS + " fields");
            return --count * SIZE;
        }
        ByteBuffer larger = Text.buffer(2 * fields.capacity());
        larger.put(0, fields, 0, count * SIZE);
        fields = larger;
        fieldsAddress = Calls.address(larger);
        limit = larger.capacity();
        return count * SIZE;
    }

    /** Forgets what was written. */
    void clear() {
        owner = Thread.currentThread();
        count = 0;
        used = 0;
        wrong = null;
        if (text.capacity() > KEPT_TEXT_BYTES) {
            text = Text.buffer(TEXT_BYTES);
            textAddress = Calls.address(text);
        }
        if (limit > KEPT_TEXT_BYTES) {
            fields = Text.buffer(FIELDS * SIZE);
            fieldsAddress = Calls.address(fields);
            limit = FIELDS * SIZE;
        }
    }

    /** Sends it from a stack, 0 for the empty one. */
    Outcome send(long stack, Scratch scratch, long timestamp) {
        owner = null;
        if (wrong != null) {
            return refused(stack, scratch);
        }
        return scratch.taken(Calls.stackExportFields(stack, fieldsAddress, count, timestamp, scratch.takenAddress()));
    }

    private Outcome refused(long stack, Scratch scratch) {
        String detail = wrong;
        Status status = wrongStatus;
        fields.putInt(wrongAt + KIND, NO_KIND);
        int answer = Calls.stackExportFields(stack, fieldsAddress + wrongAt, 1, 0, scratch.takenAddress());
        if (answer == 0) {
            // While disabled nothing is checked.
            return Outcome.SKIPPED;
        }
        Log.refused(detail);
        return Outcome.failure(status, detail);
    }

    /**
     * Writes one value in place of all fields; where it lies. For classes and timestamps, whose key does not matter.
     */
    long single(Object value) {
        clear();
        value("", value);
        return fieldsAddress;
    }

    /** A class, id or event as text: of one that is too long the part that libmona refuses as it would the whole. */
    static String bounded(String text) {
        return text == null || text.length() <= MOST_CHARS ? text : text.substring(0, MOST_CHARS);
    }

    boolean isRefused() {
        return wrong != null;
    }

    /** Why the event is refused, or null. */
    Outcome wrong() {
        return wrong == null ? null : Outcome.failure(wrongStatus, wrong);
    }
}
