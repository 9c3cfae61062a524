/*
 * What the parts of the end-to-end benchmark share: a message of the library as it was on the wire, the
 * receivers it goes to, and the two senders that are compared. Everything is on loopback, and whatever
 * fails ends the program with its reason.
 */
#ifndef MONA_BENCH_E2E_H
#define MONA_BENCH_E2E_H

#include "../../c/common.h"

#include <stdbool.h>
#include <stdint.h>

enum protocol { FORWARD, HTTP };

/* More than a chunk of the default size takes in either protocol. */
enum { MOST_MESSAGE = 4 << 20 };

/* One whole message: a chunk with its frame, or a request with its head. */
struct message {
    size_t len;
    size_t events;
    /* Where the chunk's id is, for Forward. */
    size_t id_at, id_len;
    uint8_t bytes[MOST_MESSAGE];
};

/* What one run took. */
struct run {
    double events, seconds;
    /* CPU of the thread or threads that send, without those that export. */
    double sender_ns;
};

/* wire.c: the end of the message at the front of `bytes`, 0 where more has to arrive first. */
size_t end_of_message(enum protocol protocol, const uint8_t *bytes, size_t len, struct message *about);
/* The end of an answer that says the message was taken; any other ends the program. */
size_t end_of_answer(enum protocol protocol, const uint8_t *bytes, size_t len);

/* receiver.c: a process that receives. */
struct receiver {
    enum protocol protocol;
    int pid;
    char address[64];
};
/* Reads, acknowledges and looks at nothing in the messages. The first one is copied to `first_or_null`,
 * which is memory that both processes share. */
struct receiver start_sink(enum protocol protocol, struct message *first_or_null);
/* libmona's own collector, the program at `path`. */
struct receiver start_collector(enum protocol protocol, const char *path);
void stop(struct receiver *receiver);

/* packed.c: sends what is packed already. */
struct message *capture(enum protocol protocol);
struct run send_packed(const struct receiver *to, struct message *message, size_t chunks);

/* library.c: sends through libmona. `gap_ns` between two exports, 0: one after the other. */
struct run send_events(const struct receiver *to, size_t events, double gap_ns);
/* CPU of a connected client with nothing to do, in ms per second, `count` times. */
void idle_cpu(const struct receiver *to, double seconds, double *values, int count);

/* clocks.c */
double cpu_of_this_thread(void);
double cpu_of_other_threads(void);
double cpu_of_process(void);

#endif
