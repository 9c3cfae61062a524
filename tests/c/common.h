/*
 * What the C test programs share: checks that name the place and the library's own words when they
 * fail, clocks, and what /proc says about the process. Each program is one process that exits with 0
 * when every check held and writes nothing but what its test asks for. Included first, because it
 * chooses which system interfaces there are.
 */
#ifndef MONA_TESTS_COMMON_H
#define MONA_TESTS_COMMON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mona.h>

/* _exit, because exit handlers are part of what is tested. */
#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            _exit(1);                                                                 \
        }                                                                             \
    } while (0)

#define CHECK_STATUS(expected, call)                                                  \
    check_status((expected), (call), #call, __FILE__, __LINE__)
#define CHECK_OK(call) CHECK_STATUS(MONA_OK, call)

static inline void check_status(mona_status expected, mona_status got, const char *call,
                                const char *file, int line)
{
    char detail[512];
    size_t len = 0;
    if (expected == got) {
        return;
    }
    detail[0] = '\0';
    (void)mona_last_error(detail, sizeof detail, &len);
    fprintf(stderr, "%s:%d: %s gave %d (%s: %s), %d is expected\n", file, line, call, (int)got,
            mona_status_text(got), detail, (int)expected);
    _exit(1);
}

static inline double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void sleep_ms(long ms)
{
    struct timespec wait;
    wait.tv_sec = ms / 1000;
    wait.tv_nsec = (ms % 1000) * 1000000;
    while (nanosleep(&wait, &wait) != 0) {
    }
}

/* Entries of a folder of /proc/self: open descriptors, threads. */
static inline int entries_of(const char *folder)
{
    int count = 0;
    DIR *open_folder = opendir(folder);
    CHECK(open_folder != NULL);
    while (readdir(open_folder) != NULL) {
        count++;
    }
    closedir(open_folder);
    return count - 2;
}

/* Descriptors, without the one that looks at them. */
static inline int descriptors(void) { return entries_of("/proc/self/fd") - 1; }

static inline int threads(void) { return entries_of("/proc/self/task"); }

static inline long resident_kib(void)
{
    long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    CHECK(statm != NULL);
    CHECK(fscanf(statm, "%*s %ld", &pages) == 1);
    fclose(statm);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static inline mona_stats stats_of(const mona_client *client)
{
    mona_stats stats;
    memset(&stats, 0, sizeof stats);
    stats.size = sizeof stats;
    CHECK_OK(mona_client_stats(client, &stats));
    return stats;
}

static inline uint64_t dropped_of(const mona_stats *stats)
{
    return stats->dropped_queue_full + stats->dropped_too_big + stats->dropped_rejected
        + stats->dropped_spool + stats->dropped_closed;
}

/* Every accepted event is in exactly one place. */
static inline void check_ledger(const mona_client *client)
{
    mona_stats stats = stats_of(client);
    CHECK(stats.accepted
          == stats.delivered + dropped_of(&stats) + stats.queued_events + stats.spooled_events);
}

/* Makes a line of the log, on this thread, each time: no client is made for a folder that is not there. */
static inline void log_a_line(void)
{
    mona_options *options = mona_options_new();
    mona_client *client = NULL;
    CHECK_OK(mona_options_set(options, "endpoint", MONA_NTS, "file:///no/such/folder/records", MONA_NTS));
    CHECK_STATUS(MONA_E_IO, mona_client_new(options, &client));
    mona_options_free(options);
}

/* A client with the endpoint of the environment and one option more, or none. */
static inline mona_client *new_client(const char *name, const char *value)
{
    mona_client *client = NULL;
    mona_options *options = mona_options_new();
    if (name != NULL) {
        CHECK_OK(mona_options_set(options, name, MONA_NTS, value, MONA_NTS));
    }
    CHECK_OK(mona_client_new(options, &client));
    mona_options_free(options);
    CHECK(client != NULL);
    return client;
}

/* Exports {"who": who, "n": n} in the calling thread's context. */
static inline mona_status export_number(const char *who, long n)
{
    char event[128];
    snprintf(event, sizeof event, "{\"who\": \"%s\", \"n\": %ld}", who, n);
    return mona_current_export(event, MONA_NTS, MONA_NOW);
}

/* The same through a context handle. */
static inline mona_status context_export_number(const mona_context *context, const char *who, long n)
{
    char event[128];
    snprintf(event, sizeof event, "{\"who\": \"%s\", \"n\": %ld}", who, n);
    return mona_context_export(context, event, MONA_NTS, MONA_NOW);
}

/* Takes log lines until one holds `text`; the level of that line, or 0 after `ms`. */
static inline int32_t await_log(const char *text, long ms)
{
    double end = seconds_now() + (double)ms / 1000;
    do {
        char line[2048];
        size_t len = 0;
        int32_t level = 0;
        mona_status status;
        while ((status = mona_log_take(&level, line, sizeof line, &len)) == MONA_OK) {
            if (strstr(line, text) != NULL) {
                return level;
            }
        }
        CHECK(status == MONA_E_NOT_FOUND);
        sleep_ms(10);
    } while (seconds_now() < end);
    return 0;
}

#endif
