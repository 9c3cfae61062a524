package dev.libmona;

import java.nio.ByteBuffer;

/**
 * The names of fields that a thread used before, as UTF-8 in native memory. Programs have few, and write the same ones
 * with every event.
 */
final class Keys {
    // Names of one program; a power of two. Those that find their slot taken are written anew each time.
    private static final int SLOTS = 256;
    // Of all names together; a program that makes names up as it goes fills it, and gains nothing more.
    private static final int BYTES = 8_192;

    private final String[] names = new String[SLOTS];
    private final long[] addresses = new long[SLOTS];
    private final int[] lengths = new int[SLOTS];
    private ByteBuffer room;
    private long address;
    private int used;

    /** Writes the place and the length of a name; false: it is not kept here. */
    boolean put(String name, ByteBuffer to, int place, int length) {
        int hash = name.hashCode();
        int slot = (hash ^ hash >>> 8 ^ hash >>> 16) & SLOTS - 1;
        String kept = names[slot];
        if (kept != name && !name.equals(kept)) {
            if (kept != null || !keep(slot, name)) {
                return false;
            }
        }
        to.putLong(place, addresses[slot]).putLong(length, lengths[slot]);
        return true;
    }

    private boolean keep(int slot, String name) {
        if (room == null) {
            room = Text.buffer(BYTES);
            address = Calls.address(room);
        }
        if ((long) used + (long) name.length() * Text.MOST_BYTES_PER_CHAR > BYTES) {
            return false;
        }
        int end = Text.write(name, room, used);
        names[slot] = name;
        addresses[slot] = address + used;
        lengths[slot] = end - used;
        used = end;
        return true;
    }
}
