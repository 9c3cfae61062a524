/*
 * A host that closes descriptors that are not its own while its spool is written, and uses the numbers again:
 * `closes_ours HOW NAME=VALUE...`.
 *
 *     all   every one above 2, as often as there are kinds of strangers, so that each number is each of them once
 *     each  one after the other, for a file
 *
 * Nothing of the host's is read, written, moved or closed, the counters add up, and what was exported is delivered or on
 * disk at the end. Prints how many that are.
 */
#include "host.h"
#include "../host/strangers.h"

/* Some 450 KB: more than memory has room for, and two of them more than a segment has. */
enum { BURST = 2000 };
/* QUIET: until nobody is in the middle of something. SYNC: a sync came in between. */
enum { QUIET_MS = 100, SYNC_MS = 1100, CLOSE_MS = 500 };
/* A client with a spool has 3 to 13. */
enum { LAST_OF_OURS = 13 };

static mona_client *client;
static mona_context *context;
static uint64_t next;

static void export_some(void)
{
    int n;
    for (n = 0; n < BURST; n++) {
        CHECK_OK(export_event(context, "host", next++));
    }
    check_ledger(client);
}

static void close_all(void)
{
    int turn;
    for (turn = 0; turn < KINDS; turn++) {
        sleep_ms(QUIET_MS);
        close_everything();
        put_strangers(turn);
        export_some();
        sleep_ms(SYNC_MS);
        export_some();
        check_strangers();
    }
}

static void close_each(void)
{
    int number;
    for (number = FIRST; number <= LAST_OF_OURS; number++) {
        int stranger;
        sleep_ms(QUIET_MS);
        close(number);
        stranger = put_stranger(PLAIN_FILE);
        export_some();
        sleep_ms(QUIET_MS);
        export_some();
        check_stranger(stranger);
    }
}

int main(int argc, char **argv)
{
    mona_stats stats;
    CHECK(argc > 1);
    client = client_of(argv + 2, argc - 2);
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    export_some();
    if (strcmp(argv[1], "all") == 0) {
        close_all();
    } else {
        close_each();
    }
    mona_context_free(context);
    CHECK_OK(mona_client_close(client, CLOSE_MS));
    check_ledger(client);
    stats = stats_of(client);
    CHECK(stats.accepted - stats.adopted_events == next);
    CHECK(stats.queued_events == 0 && dropped_of(&stats) == stats.dropped_spool);
    printf("%" PRIu64 "\n", next);
    mona_client_free(client);
    return 0;
}
