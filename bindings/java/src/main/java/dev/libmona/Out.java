package dev.libmona;

import java.nio.ByteBuffer;

/** Texts that come out of libmona: a buffer, its size, and a place for the length. */
final class Out {
    // Where a text does not fit twice, as that of a client whose counters grow a digit meanwhile, it is asked once
    // more.
    private static final int TRIES = 8;

    private Out() {}

    /** A function that writes a text. */
    @FunctionalInterface
    interface Writer {
        /** Writes it to a buffer of so many bytes, and its length to a place; gives the status. */
        int write(long buffer, long room, long length);
    }

    /** A status, and the text that was written. */
    record Answer(int status, String text) {
        /** The text, or an exception. */
        String orThrow() {
            if (status != 0) {
                throw MonaException.of(status);
            }
            return text;
        }
    }

    /** Calls until the text fits. */
    static Answer read(Writer writer) {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        try {
            ByteBuffer room = scratch.room();
            for (int tried = 0;; tried++) {
                scratch.clearLength();
                int status = writer.write(Calls.address(room), room.capacity(), scratch.lengthAddress());
                boolean cut = status == Status.TRUNCATED.number();
                long length = scratch.length();
                if (cut && tried < TRIES && length < Integer.MAX_VALUE - 1) {
                    room = Text.buffer((int) length + 1);
                    continue;
                }
                return new Answer(status, Text.read(room, 0, (int) Math.min(length, room.capacity())));
            }
        } finally {
            scratch.give(local);
        }
    }

    /** The detail of the last failing call of this thread. */
    static String lastError() {
        return read(Calls::lastError).text();
    }
}
