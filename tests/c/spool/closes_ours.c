/*
 * A host that closes descriptors that are not its own while its spool is written, and uses the numbers again:
 * `closes_ours HOW NAME=VALUE...`.
 *
 *     all   every one above 2, as often as there are kinds of strangers, so that each number is each of them once
 *     each  one of each kind that the spool has, for a file
 *
 * Nothing of the host's is read, written, moved or closed, the counters add up, and what was exported is delivered or on
 * disk at the end. Prints how many that are.
 */
#include "host.h"
#include "../host/strangers.h"

#include <fnmatch.h>

/* Some 450 KB: more than memory has room for, and two of them more than a segment has. */
enum { BURST = 2000 };
/* QUIET: until nobody is in the middle of something. SYNC: a sync came in between. */
enum { QUIET_MS = 100, SYNC_MS = 1100, CLOSE_MS = 500 };

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

/* The first number, or the last, that is something of the spool whose path ends so; -1 where there is none. */
static int find(const char *ending, int is_last)
{
    int found = -1, number;
    for (number = FIRST; number < AWAY && (found < 0 || is_last); number++) {
        char link[64], path[4096];
        ssize_t len;
        snprintf(link, sizeof link, "/proc/self/fd/%d", number);
        len = readlink(link, path, sizeof path - 1);
        path[len < 0 ? 0 : len] = '\0';
        if (len > 0 && strstr(path, "/spool/v1") != NULL && fnmatch(ending, path, 0) == 0) {
            found = number;
        }
    }
    return found;
}

/* Puts a file there that has a name, as the spool's own have. */
static void replace(int number)
{
    static const char name[] = "of-the-host";
    struct stat put, seen;
    char text[16];
    int file = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK(file >= 0 && fstat(file, &put) == 0);
    CHECK(dup2(file, number) == number);
    close(file);
    CHECK(pwrite(number, KNOWN, 5, 0) == 5);
    export_some();
    sleep_ms(SYNC_MS);
    export_some();
    CHECK(fstat(number, &seen) == 0 && seen.st_ino == put.st_ino);
    CHECK(seen.st_size == 5 && seen.st_blocks <= 8 && lseek(number, 0, SEEK_CUR) == 0);
    CHECK(read(number, text, sizeof text) == 5 && memcmp(text, KNOWN, 5) == 0);
    close(number);
    CHECK(unlink(name) == 0);
}

static void close_each(void)
{
    static const char *const endings[] = { "*.seg", "*.ack", "*/lock", "*/v1", "*/v1/*-*-*-*-????????????" };
    unsigned ending, found = 0;
    int is_last;
    for (ending = 0; ending < sizeof endings / sizeof endings[0]; ending++) {
        for (is_last = 0; is_last < 2; is_last++) {
            int number;
            sleep_ms(QUIET_MS);
            number = find(endings[ending], is_last);
            if (number >= 0) {
                found |= 1u << ending;
                replace(number);
            }
        }
    }
    /* Acks are only written where something is delivered. */
    CHECK((found | 2) == 31);
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
