/*
 * A connection as both ends of a benchmark see it, plain or encrypted. Whatever fails ends the process, but for
 * the end of the connection.
 */
#ifndef MONA_BENCH_STREAM_H
#define MONA_BENCH_STREAM_H

#include "../loopback.h"

struct stream {
    void *of;
    /* Gives the number of bytes that came, 0 at the end. */
    size_t (*receive)(void *of, void *bytes, size_t room);
    /* Sends all of them, or nothing more when the other end is gone. */
    void (*send)(void *of, const void *bytes, size_t len);
    void (*close)(void *of);
};

/* How connections are made, at both ends. */
struct connector {
    struct stream (*connect)(const char *address);
    struct stream (*accept)(int listener);
};

extern const struct connector plain;

#endif
