package dev.libmona.assembler;

/** Bytes that are not what they are said to be; the message says what was found. */
final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
        // No stack: a hostile sender would make us take thousands of them a second.
        super(message, null, false, false);
    }
}
