/*
 * What mona-spool and mona-doctor show of a spool without changing it.
 *
 * Nothing is locked or written, so that the programs that use the spool do not notice.
 */
#ifndef INSPECT_H
#define INSPECT_H

#include <mona.h>

#include <stdbool.h>
#include <stdint.h>

/* What a spool holds. */
struct held {
    unsigned instances;
    uint64_t segments;
    uint64_t events;
    uint64_t bytes;
    uint64_t age_seconds; /* of the oldest event */
};

/* Prints a table of the instances in a spool, or the library's own report. Returns an exit status. */
int inspect_list(const char *dir, bool json);

typedef void inspect_when_read(void *whose);

/*
 * Reads everything in a spool and prints a line for each thing that is damaged. Before anything is printed it calls
 * `when_read` with `whose`. Returns an exit status.
 */
int inspect_verify(const char *dir, bool json, inspect_when_read *when_read, void *whose);

/* Prints every record that waits as one line of JSON. Returns an exit status. */
int inspect_cat(const char *dir);

/*
 * Sums up what instances hold that nobody owns any more, and those that are somebody's. mona_last_error() says why that
 * cannot be found out.
 */
mona_status inspect_look(const char *dir, struct held *ended, struct held *owned);

/* The same, which says on standard error why that cannot be found out. */
bool inspect_sum(const char *dir, struct held *ended, struct held *owned);

/* Prints what is held, without a line feed. */
void inspect_put_held(const struct held *held);

#endif
