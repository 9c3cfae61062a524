package dev.libmona;

import java.lang.ref.Cleaner;

/** Frees what nobody can reach any more, on a thread of its own: freeing a client that is open may wait a second. */
final class Cleaning {
    static final Cleaner CLEANER = Cleaner.create();

    private Cleaning() {}
}
