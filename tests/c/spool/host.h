/*
 * What the programs about the spool share: events that prove by themselves that they arrived as they were exported
 * (those of tests/src/ledger.rs), a client with options from the command line, and the one number that the tests count
 * with: how many of a program's own events are in safety.
 */
#ifndef MONA_TESTS_SPOOL_HOST_H
#define MONA_TESTS_SPOOL_HOST_H

#include "../common.h"

#include <inttypes.h>

enum { MOST_FILLING = 199, EVENT_ROOM = 512 };

/* FNV-1a over the sender, the number and the length of the filling. */
static inline uint32_t event_check(const char *who, uint64_t n, uint64_t filling)
{
    uint64_t words[2] = { n, filling };
    uint32_t hash = 0x811c9dc5u;
    int word, byte;
    for (; *who != '\0'; who++) {
        hash = (hash ^ (unsigned char)*who) * 0x01000193u;
    }
    for (word = 0; word < 2; word++) {
        for (byte = 0; byte < 8; byte++) {
            hash = (hash ^ (uint32_t)(words[word] >> (8 * byte) & 0xff)) * 0x01000193u;
        }
    }
    return hash;
}

/* Exports event `n` of `who`, its filling of a length that changes from event to event. */
static inline mona_status export_event(const mona_context *context, const char *who, uint64_t n)
{
    static const char x[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    int filling = (int)(n * 7919 % MOST_FILLING);
    char event[EVENT_ROOM];
    int len = snprintf(event, sizeof event, "{\"who\":\"%s\",\"n\":%" PRIu64 ",\"filling\":\"%.*s\",\"check\":%" PRIu32 "}",
                       who, n, filling, x, event_check(who, n, (uint64_t)filling));
    CHECK(len > 0 && len < (int)sizeof event);
    return mona_context_export(context, event, (size_t)len, MONA_NOW);
}

/* A client of the environment's options and these, `name=value`. */
static inline mona_client *client_of(char *const *options, int count)
{
    mona_client *client = NULL;
    mona_options *made = mona_options_new();
    int i;
    for (i = 0; i < count; i++) {
        const char *value = strchr(options[i], '=');
        CHECK(value != NULL);
        CHECK_OK(mona_options_set(made, options[i], (size_t)(value - options[i]), value + 1, MONA_NTS));
    }
    CHECK_OK(mona_client_new(made, &client));
    mona_options_free(made);
    return client;
}

/* Own events that are delivered or spooled: what a later process has to deliver if this one ends now. What was adopted
 * from others is theirs. */
static inline uint64_t settled_of(const mona_stats *stats)
{
    return stats->accepted - stats->adopted_events - stats->queued_events - dropped_of(stats);
}

#endif
