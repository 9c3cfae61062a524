/*
 * What the programs about sending share: a message of the library as it was on the wire, the receivers it goes
 * to, and the two senders that are compared. Everything is on loopback, and whatever fails ends the program with
 * its reason.
 */
#ifndef MONA_BENCH_E2E_H
#define MONA_BENCH_E2E_H

#include "../pair.h"
#include "stream.h"

enum protocol { FORWARD, HTTP };

/* More than a chunk of the default size takes in either protocol. */
enum { MOST_MESSAGE = 4 << 20 };

/* Half a second and more where nothing is decoded; and less where many short turns are compared, which evens out
 * what else the machine does. */
enum { SUNK_EVENTS = 1000000, COMPARED_EVENTS = 300000 };

/* One whole message: a chunk with its frame, or a request with its head. */
struct message {
    size_t len;
    size_t events;
    /* Where the chunk's records and its id are, for Forward. */
    size_t records_at, records_len;
    size_t id_at, id_len;
    uint8_t bytes[MOST_MESSAGE];
};

/* What a run of a sender gives: CPU of the threads that send, without those that export, and how many events a
 * second came through. */
enum sent { CPU_PER_EVENT, RATE, SENT };

/* wire.c: the end of the message at the front of `bytes`, 0 where more has to arrive first. */
size_t end_of_message(enum protocol protocol, const uint8_t *bytes, size_t len, struct message *about);
/* The end of an answer that says the message was taken; any other ends the program. */
size_t end_of_answer(enum protocol protocol, const uint8_t *bytes, size_t len);

/* receiver.c: a process that receives. */
struct receiver {
    enum protocol protocol;
    int pid;
    char address[ADDRESS_ROOM];
};
/* Reads, acknowledges and looks at nothing in the messages. The largest one is copied to `largest_or_null`,
 * which is memory that both processes share. */
struct receiver start_sink(enum protocol protocol, const struct connector *connector,
                           struct message *largest_or_null);
/* libmona's own collector, the program at `path`. */
struct receiver start_collector(enum protocol protocol, const char *path);
void stop(struct receiver *receiver);

/* packed.c: what sends a message that is packed already. */
/* A full message of a load, as libmona made it; values and options as below. */
struct message *capture(const struct asked *asked, enum protocol protocol, const char *values,
                        const char *const *options_or_null);
/* With `make_or_null` the message is made anew for each chunk. */
void send_packed(const struct receiver *to, const struct connector *connector, struct message *message,
                 size_t chunks, void (*make_or_null)(struct message *message), double sent[SENT]);

/* library.c: what sends through libmona, as turns.
 *
 * The words of a turn: so many typical events, with a gap of so many ns between two exports ("0": one after the
 * other). `values` is "same" for events that are all alike, "changing" for values that are others in every event,
 * or "digits" for the same with floats of 17 digits. The last are options of the client, names and values. */
struct load {
    char url[ADDRESS_ROOM + 16], events[24];
    const char *words[MOST_WORDS];
};
void load_make(struct load *load, const char *scheme, const struct receiver *to, size_t events,
               const char *gap_ns, const char *values, const char *const *options_or_null);
/* Takes it in this process. */
void load_take(const struct asked *asked);

/* clocks.c: nanoseconds of CPU. */
double cpu_of_this_thread(void);
double cpu_of_other_threads(void);

#endif
