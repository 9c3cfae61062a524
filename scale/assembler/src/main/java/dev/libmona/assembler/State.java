package dev.libmona.assembler;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * What one partition keeps, in one store of keys and values:
 *
 * <pre>
 *   A key 0             the head of an ARC that was closed
 *   A key n             its n-th section, behind 8 bytes: when it arrived
 *   A key DROPPED       how many events were left out of an ARC that is open
 *   E time number       ARCs closed at that time whose sections are to go at the end of the horizon
 *   T time number       the same, whose heads are to go when they are forgotten
 * </pre>
 *
 * <p>Sections are added and never changed, so an event costs the same however many its ARC has. Those that are closed at
 * once go at once: one E and one T for some hundred of them.
 */
final class State {
    static final int DROPPED = Integer.MAX_VALUE;
    /** Bytes in front of a section. */
    static final int ARRIVAL = 8;
    private static final int ARC_KEY = 1 + Key.BYTES + 4;

    final KeyValueStore<byte[], byte[]> store;

    State(KeyValueStore<byte[], byte[]> store) {
        this.store = store;
    }

    private static byte[] arc(Key key, int number) {
        byte[] bytes = new byte[ARC_KEY];
        bytes[0] = 'A';
        putLong(bytes, 1, key.high());
        putLong(bytes, 9, key.low());
        for (int at = 0; at < 4; at++) {
            bytes[17 + at] = (byte) (number >>> (24 - 8 * at));
        }
        return bytes;
    }

    private static void putLong(byte[] bytes, int from, long number) {
        for (int at = 0; at < 8; at++) {
            bytes[from + at] = (byte) (number >>> (56 - 8 * at));
        }
    }

    void section(Key key, int number, long now, byte[] bytes, int from, int count) {
        byte[] value = new byte[ARRIVAL + count];
        putLong(value, 0, now);
        System.arraycopy(bytes, from, value, ARRIVAL, count);
        store.put(arc(key, number), value);
    }

    byte[] section(Key key, int number) {
        return store.get(arc(key, number));
    }

    void removeSection(Key key, int number) {
        store.delete(arc(key, number));
    }

    Head head(Key key) {
        byte[] bytes = store.get(arc(key, 0));
        return bytes == null ? null : Head.read(bytes);
    }

    void head(Key key, byte[] head) {
        store.put(arc(key, 0), head);
    }

    void removeHead(Key key) {
        store.delete(arc(key, 0));
    }

    void dropped(Key key, int count) {
        store.put(arc(key, DROPPED), new Out(5).varint(count).copy());
    }

    void removeDropped(Key key) {
        store.delete(arc(key, DROPPED));
    }

    private static byte[] name(char kind, Due due) {
        return new Out(13).put(kind).fixed(due.time).put(due.number >> 24).put(due.number >> 16).put(due.number >> 8)
                .put(due.number).copy();
    }

    /** Some ARCs that were closed at one time. */
    record Due(long time, int number, int count) {}

    void due(char kind, Due due, List<Key> keys) {
        Out out = new Out(keys.size() * Key.BYTES);
        keys.forEach(key -> out.fixed(key.high()).fixed(key.low()));
        store.put(name(kind, due), out.copy());
    }

    List<Key> due(char kind, Due due) {
        return keys(store.get(name(kind, due)));
    }

    void removeDue(char kind, Due due) {
        store.delete(name(kind, due));
    }

    private static List<Key> keys(byte[] bytes) {
        List<Key> keys = new ArrayList<>();
        for (int at = 0; bytes != null && at + Key.BYTES <= bytes.length; at += Key.BYTES) {
            keys.add(new Key(Out.readFixed(bytes, at), Out.readFixed(bytes, at + 8)));
        }
        return keys;
    }

    /** Takes what is in the store, ARC by ARC. */
    interface Reader {
        void head(Key key, byte[] head);

        void section(Key key, int number, long arrived, int bytes, int events);

        void dropped(Key key, int count);

        void due(char kind, Due due);
    }

    void read(Reader reader) {
        try (KeyValueIterator<byte[], byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<byte[], byte[]> next = all.next();
                byte[] key = next.key;
                if (key.length == ARC_KEY && key[0] == 'A') {
                    arc(reader, key, next.value);
                } else if (key.length == 13) {
                    int number = (int) (Out.readFixed(key, 5));
                    reader.due((char) key[0], new Due(Out.readFixed(key, 1), number, next.value.length / Key.BYTES));
                }
            }
        } catch (Malformed impossible) {
            throw new IllegalStateException("a store of our own: " + impossible.getMessage());
        }
    }

    private static void arc(Reader reader, byte[] name, byte[] value) throws Malformed {
        Key key = new Key(Out.readFixed(name, 1), Out.readFixed(name, 9));
        int number = (int) Out.readFixed(name, 13);
        if (number == 0) {
            reader.head(key, value);
        } else if (number == DROPPED) {
            reader.dropped(key, (int) new In(value).varint());
        } else {
            int from = ARRIVAL;
            reader.section(key, number, Out.readFixed(value, 0), value.length - from, count(value, from, value.length));
        }
    }

    /** How many events a section has. */
    static int count(byte[] bytes, int from, int to) throws Malformed {
        In in = new In(bytes, from, to);
        in.take(in.length());
        in.take(in.length());
        return in.length();
    }
}
