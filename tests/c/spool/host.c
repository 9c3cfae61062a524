/*
 * A host with a spool, made to be killed: `host WHO COUNT BURST PAUSE_US END NAME=VALUE...`.
 *
 * Exports COUNT events (0: without end), BURST at a time with pauses between. Another thread writes a line whenever the
 * counters changed, with one write() each, so that a killed program has said what it knew: what is `settled` in the last
 * line was delivered or spooled before the line was written. END: `stay` waits for its end from outside, `close` closes
 * with the bound CLOSE_MS, `drain` with DRAIN_MS; they write a last line and return. What a slow disk did not take within the
 * bound is dropped then, and counted.
 */
#include "host.h"

#include <pthread.h>
#include <stdatomic.h>

enum { LOOK_US = 200, CLOSE_MS = 50, DRAIN_MS = 20000 };

static mona_client *client;
static atomic_int is_over;

static void say(mona_stats *before)
{
    char line[256];
    mona_stats stats = stats_of(client);
    int len;
    if (memcmp(&stats, before, sizeof stats) == 0) {
        return;
    }
    *before = stats;
    len = snprintf(line, sizeof line,
                   "settled=%" PRIu64 " delivered=%" PRIu64 " spooled=%" PRIu64 " adopted=%" PRIu64 " queued=%" PRIu64
                   " dropped=%" PRIu64 " lost=%" PRIu64 "\n",
                   settled_of(&stats), stats.delivered, stats.spooled_events, stats.adopted_events, stats.queued_events,
                   dropped_of(&stats), stats.dropped_spool);
    CHECK(write(STDOUT_FILENO, line, (size_t)len) == len);
}

static void *watch(void *unused)
{
    mona_stats before;
    memset(&before, 0, sizeof before);
    while (!is_over) {
        struct timespec pause = { 0, LOOK_US * 1000 };
        say(&before);
        nanosleep(&pause, NULL);
    }
    return unused;
}

static void export_all(const char *who, uint64_t count, uint64_t burst, long pause_us)
{
    mona_context *context = NULL;
    uint64_t n;
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    for (n = 0; count == 0 || n < count; n++) {
        mona_status status = export_event(context, who, n);
        CHECK(status == MONA_OK || status == MONA_E_DROPPED);
        if (n % burst == burst - 1 && pause_us > 0) {
            struct timespec pause = { pause_us / 1000000, pause_us % 1000000 * 1000 };
            nanosleep(&pause, NULL);
        }
    }
    mona_context_free(context);
}

int main(int argc, char **argv)
{
    pthread_t watcher;
    mona_stats before;
    mona_status status;

    CHECK(argc >= 6);
    client = client_of(argv + 6, argc - 6);
    CHECK(pthread_create(&watcher, NULL, watch, NULL) == 0);
    export_all(argv[1], strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10), atol(argv[4]));
    if (strcmp(argv[5], "stay") == 0) {
        for (;;) {
            pause();
        }
    }
    CHECK(strcmp(argv[5], "close") == 0 || strcmp(argv[5], "drain") == 0);
    status = mona_client_close(client, strcmp(argv[5], "close") == 0 ? CLOSE_MS : DRAIN_MS);
    CHECK(status == MONA_OK || status == MONA_E_TIMEOUT);
    CHECK(status == MONA_OK || stats_of(client).dropped_closed > 0);
    is_over = 1;
    CHECK(pthread_join(watcher, NULL) == 0);
    check_ledger(client);
    memset(&before, 0, sizeof before);
    say(&before);
    mona_client_free(client);
    return 0;
}
