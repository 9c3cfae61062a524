package dev.libmona.assembler;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The events of one ARC that came in one record, as they are handed from the splitter to the assembler and kept by it:
 *
 * <pre>
 *   user id, ARC id             texts: a length and so many bytes
 *   count of events             a number of 7 bits a byte, as all below but the instance and the time
 *   each event:
 *     its length
 *     flags                     HAS_ID, SAME_INSTANCE, HAS_CLASS
 *     instance                  16 bytes, with HAS_ID and without SAME_INSTANCE
 *     sequence number           with HAS_ID
 *     time                      nanoseconds, 8 bytes
 *     context                   the full id without the ARC id at its start
 *     class                     with HAS_CLASS
 *     message                   the fields of a KeyValueList of OTLP, to the end
 * </pre>
 *
 * <p>The assembler copies sections as they are; it reads events when the ARC is closed, once.
 */
final class Section {
    static final int HAS_ID = 1;
    static final int SAME_INSTANCE = 2;
    static final int HAS_CLASS = 4;

    /** What a section keeps when it is used again: there are some for each ARC of a record. */
    private static final int KEPT = 4096;
    private static final byte[] NONE = {};

    private Out events = new Out(512);
    /** For one event; all sections have the same. */
    private final Out event;
    int count;
    byte[] user;
    byte[] arc;
    private boolean hasInstance;
    private long high;
    private long low;

    Section(Out scratch) {
        event = scratch;
    }

    /** Begins one. */
    void begin(byte[] user, byte[] arc) {
        clear();
        this.user = user;
        this.arc = arc;
    }

    /** What it had is gone, and most of the memory for it. */
    void clear() {
        user = arc = NONE;
        if (events.bytes.length > KEPT) {
            events = new Out(512);
        }
        events.clear();
        count = 0;
        hasInstance = false;
    }

    /** Bytes of memory for its events. */
    int held() {
        return events.bytes.length;
    }

    boolean is(byte[] bytes, int userFrom, int userTo, int arcFrom, int arcTo) {
        return Arrays.equals(bytes, arcFrom, arcTo, arc, 0, arc.length)
                && Arrays.equals(bytes, userFrom, userTo, user, 0, user.length);
    }

    void add(Otlp from, EventId id, byte[] suffix, int suffixFrom, int suffixTo) {
        boolean same = hasInstance && id.high == high && id.low == low;
        boolean hasClass = from.arcClass.present && from.arcClass.length() > 0;
        event.clear();
        event.put((id.present ? HAS_ID : 0) | (id.present && same ? SAME_INSTANCE : 0) | (hasClass ? HAS_CLASS : 0));
        if (id.present) {
            if (!same) {
                event.fixed(id.high).fixed(id.low);
                high = id.high;
                low = id.low;
                hasInstance = true;
            }
            event.varint(id.sequence);
        }
        event.fixed(from.time);
        event.text(suffix, suffixFrom, suffixTo - suffixFrom);
        if (hasClass) {
            if (from.arcClass.length() <= Names.MAX_NAME) {
                event.text(from.bytes, from.arcClass.from, from.arcClass.length());
            } else {
                // Here and not only in the row: without it a name could be larger than a record may be.
                String bounded = Names.bounded(In.string(from.bytes, from.arcClass.from, from.arcClass.to));
                event.text(bounded.getBytes(StandardCharsets.UTF_8));
            }
        }
        event.put(from.bytes, from.message.from, from.message.length());
        events.text(event.bytes, 0, event.length);
        count++;
    }

    int bytes() {
        return events.length + user.length + arc.length;
    }

    void write(Out out) {
        event.clear();
        event.text(user).text(arc).varint(count);
        out.varint(event.length + events.length);
        out.put(event.bytes, 0, event.length);
        out.put(events.bytes, 0, events.length);
    }

    Key key(MessageDigest sha256) {
        event.clear();
        event.text(user).text(arc);
        sha256.update(event.bytes, 0, event.length);
        byte[] sum = sha256.digest();
        return new Key(Out.readFixed(sum, 0), Out.readFixed(sum, 8));
    }
}
