#define _POSIX_C_SOURCE 200809L /* sigaction, nanosleep */

#include "drain.h"

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "command.h"
#include "inspect.h"
#include "progress.h"
#include "terminal.h"

enum {
    ALL_SENT = 0,
    NOT_ALL_SENT = 1,
    UNUSABLE = 2,
    CLOSE_MS = 5000,     /* for chunks on their way, whose acks would else be awaited again by the next run */
    LEVEL_SHOWN = 30,    /* warnings and errors */
    LINE_CAP = 4096,     /* libmona's lines are shorter */
    LOOK_MS = 50         /* between two looks; a small spool is drained in less than a second */
};

static const char tool[] = "mona-spool";

/* Nothing of the spool may be given up for being beyond its bound, so it gets the largest there is. */
static const char most_bytes[] = "1099511627776";

/* Seconds without a change after which a spool that looks empty is looked at again, some of which cannot be read. */
static const double SETTLED = 1;

static volatile sig_atomic_t caught;

static void catch_signal(int signal_number)
{
    caught = signal_number;
}

static void catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = catch_signal;
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
}

static void nap(void)
{
    struct timespec time = {.tv_nsec = LOOK_MS * 1000000L};
    (void)nanosleep(&time, NULL);
}

static bool set(mona_options *options, const char *name, const char *value)
{
    mona_status status = mona_options_set(options, name, MONA_NTS, value, MONA_NTS);
    if (status != MONA_OK)
        command_complain(tool, name, status);
    return status == MONA_OK;
}

/* Shows what the library has to say, above the bar. */
static void put_log(struct progress *progress)
{
    char line[LINE_CAP];
    size_t len;
    int32_t level;

    for (;;) {
        mona_status status = mona_log_take(&level, line, sizeof line, &len);
        if (status != MONA_OK && status != MONA_E_TRUNCATED)
            return;
        if (level >= LEVEL_SHOWN) {
            progress_clear(progress);
            fprintf(stderr, "%s: ", tool);
            terminal_wrapped(stderr, line, (int)sizeof tool + 1, 4);
        }
        /* A line that was cut still waits, and would for ever. */
        if (status == MONA_E_TRUNCATED)
            return;
    }
}

/* Events that were lost for good. */
static uint64_t lost(const mona_stats *stats)
{
    return stats->dropped_queue_full + stats->dropped_too_big + stats->dropped_rejected + stats->dropped_spool
        + stats->dropped_closed;
}

enum ending { EMPTY, INTERRUPTED, STUCK, BROKEN };

/* Looks on until nothing is left or there is no use in waiting. */
static enum ending look_on(mona_client *client, const char *dir, uint64_t found, unsigned owned_before,
                           uint32_t patience_ms)
{
    struct progress progress;
    mona_stats stats = {.size = sizeof stats};
    uint64_t last = 0;
    double last_change = progress_now(), last_look = last_change;
    enum ending ending = INTERRUPTED;

    progress_begin(&progress, 0);
    while (!caught) {
        if (mona_client_stats(client, &stats) != MONA_OK)
            continue;
        uint64_t done = stats.delivered + lost(&stats);
        double now = progress_now();
        if (done != last)
            last_change = now;
        last = done;
        put_log(&progress);
        progress_show(&progress, done, stats.adopted_events > found ? stats.adopted_events : found);

        bool looks_empty = stats.spooled_events == 0 && stats.queued_events == 0;
        bool is_late = now - last_change > SETTLED && now - last_look > SETTLED;
        if (looks_empty && (done >= found || is_late)) {
            struct held ended, owned;
            last_look = now;
            ending = BROKEN;
            if (!inspect_sum(dir, &ended, &owned))
                break;
            ending = EMPTY;
            /* What the client took over and did not give back yet is owned. */
            if (ended.instances == 0 && (done >= found || owned.instances <= owned_before))
                break;
            ending = INTERRUPTED;
        }
        if (now - last_change > patience_ms / 1000.0) {
            ending = STUCK;
            break;
        }
        nap();
    }
    put_log(&progress);
    progress_clear(&progress);
    return ending;
}

static void put_losses(const mona_stats *stats)
{
    const struct {
        uint64_t events;
        const char *why;
    } losses[] = {
        {stats->dropped_rejected, "the collector refused them"},
        {stats->dropped_too_big, "the collector takes none of their size"},
        {stats->dropped_spool, "they could not be read"},
        {stats->dropped_queue_full + stats->dropped_closed, "this process had no room for them"},
    };
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        if (losses[i].events > 0)
            fprintf(stderr, "%s: %" PRIu64 " events are lost: %s\n", tool, losses[i].events, losses[i].why);
    }
}

static void put_owned(const char *dir, const struct held *owned)
{
    if (owned->instances > 0)
        printf("%u instance%s in %s belong%s to running programs, which send by themselves.\n", owned->instances,
               owned->instances == 1 ? "" : "s", dir, owned->instances == 1 ? "s" : "");
}

static int put_verdict(const char *dir, const mona_stats *stats, enum ending ending, uint32_t patience_ms,
                       double seconds)
{
    struct held ended, owned;

    if (ending == BROKEN || !inspect_sum(dir, &ended, &owned))
        return UNUSABLE;
    put_losses(stats);
    if (ended.instances > 0) {
        fprintf(stderr, "%s: %" PRIu64 " events were delivered, %" PRIu64 " still wait in %s: ", tool, stats->delivered,
                ended.events, dir);
        if (ending == STUCK)
            fprintf(stderr, "nothing was delivered for %g s\n", patience_ms / 1000.0);
        else
            fprintf(stderr, "%s\n", caught ? "interrupted" : "the client was closed before");
        put_owned(dir, &owned);
        return NOT_ALL_SENT;
    }
    printf("%" PRIu64 " events delivered in %.1f s, nothing is left.\n", stats->delivered, seconds);
    put_owned(dir, &owned);
    return lost(stats) == 0 ? ALL_SENT : NOT_ALL_SENT;
}

static int send_all(mona_client *client, const char *dir, uint64_t found, unsigned owned_before, uint32_t patience_ms)
{
    mona_stats stats = {.size = sizeof stats};
    double start = progress_now();
    int32_t is_disabled = 0;

    if (mona_client_is_disabled(client, &is_disabled) != MONA_OK || is_disabled != 0) {
        fprintf(stderr, "%s: disable_all is on in the environment or the config file, nothing is sent\n", tool);
        return UNUSABLE;
    }
    enum ending ending = look_on(client, dir, found, owned_before, patience_ms);
    double seconds = progress_now() - start;
    MONA_IGNORE(mona_client_close(client, CLOSE_MS));
    mona_status status = mona_client_stats(client, &stats);
    if (status != MONA_OK) {
        command_complain(tool, "statistics", status);
        return UNUSABLE;
    }
    return put_verdict(dir, &stats, ending, patience_ms, seconds);
}

/* Whether an endpoint is one that forgets what it gets, for which libmona opens no spool. */
static bool forgets(const char *endpoint)
{
    static const char *const forgetful[] = {"null:", "memory:"};
    endpoint += strspn(endpoint, " \t");
    for (size_t i = 0; i < sizeof forgetful / sizeof forgetful[0]; i++) {
        if (strncasecmp(endpoint, forgetful[i], strlen(forgetful[i])) == 0)
            return true;
    }
    return false;
}

int drain(const char *dir, const char *endpoint, mona_options *options, uint32_t patience_ms)
{
    struct held ended, owned;
    mona_client *client;

    if (forgets(endpoint)) {
        fprintf(stderr,
                "%s: send: null: and memory: keep nothing of what they get, an endpoint that does is expected; "
                "file:///dev/null throws away what waits\n",
                tool);
        return UNUSABLE;
    }
    if (!inspect_sum(dir, &ended, &owned))
        return UNUSABLE;
    if (ended.instances == 0) {
        printf("Nothing waits in %s.\n", dir);
        put_owned(dir, &owned);
        return ALL_SENT;
    }
    if (!set(options, "endpoint", endpoint) || !set(options, "spool_dir", dir)
        || !set(options, "spool_bytes", most_bytes) || !set(options, "print_logs", "false"))
        return UNUSABLE;
    catch_signals();
    mona_status status = mona_client_new(options, &client);
    if (status != MONA_OK) {
        command_complain(tool, "no client", status);
        return UNUSABLE;
    }
    int verdict = send_all(client, dir, ended.events, owned.instances, patience_ms);
    mona_client_free(client);
    return verdict;
}
