/*
 * A host whose disk gives trouble: `disk TROUBLE FOLDER NAME=VALUE...`, with the spool in FOLDER/spool.
 *
 *     full      a file system of 8 MiB on FOLDER, half of it taken; freed later
 *     limit     files may not grow beyond 1 KiB (RLIMIT_FSIZE) once something is spooled; lifted later
 *     readonly  a file system on FOLDER that is read-only
 *     as-it-is  whatever FOLDER/spool is
 *
 * In the first two nobody listens at first. The host goes on, its events are all in one place, and the spool takes events
 * again within the bound; then it prints `back`, somebody begins to listen, and everything that was not dropped is
 * delivered. In the others the client does without: it says so in the log, and delivers. Prints the lines of the log.
 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { DISK_MIB = 8, BALLAST_BYTES = 4 << 20, LIMIT_BYTES = 1 << 10, BACK_S = 60, STUCK_S = 60, CLOSE_MS = 60000 };
enum { EVENTS = 1000, BURST = 50, NO_MOUNT = 77 };

static char ballast[4096 + 16];

static void say_logs(void)
{
    char line[2048];
    size_t len;
    int32_t level;
    while (mona_log_take(&level, line, sizeof line, &len) == MONA_OK) {
        printf("log %d %s\n", (int)level, line);
    }
    fflush(stdout);
}

static void mount_disk(const char *folder)
{
    char options[32];
    snprintf(options, sizeof options, "size=%dm,mode=0700", DISK_MIB);
    /* In a space of its own, which goes with the process. */
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
        || mount("none", folder, "tmpfs", 0, options) != 0) {
        printf("no mount: %s\n", strerror(errno));
        exit(NO_MOUNT);
    }
}

static void take_half(const char *folder)
{
    static const char block[1 << 16] = { 1 };
    int file, written;
    snprintf(ballast, sizeof ballast, "%s/ballast", folder);
    file = open(ballast, O_WRONLY | O_CREAT | O_EXCL, 0600);
    CHECK(file >= 0);
    for (written = 0; written < BALLAST_BYTES; written += (int)sizeof block) {
        CHECK(write(file, block, sizeof block) == (ssize_t)sizeof block);
    }
    close(file);
}

static void limit_files(rlim_t soft)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = soft;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static uint64_t next;

static mona_stats export_some(mona_client *client, const mona_context *context)
{
    mona_stats stats;
    int n;
    for (n = 0; n < BURST; n++) {
        CHECK_OK(export_event(context, "host", next++));
    }
    check_ledger(client);
    stats = stats_of(client);
    CHECK(stats.accepted == next);
    if (dropped_of(&stats) != stats.dropped_queue_full) {
        fprintf(stderr, "lost by the spool: %" PRIu64 ", by a close: %" PRIu64 ", of %" PRIu64 " with %" PRIu64 " spooled\n",
                stats.dropped_spool, stats.dropped_closed, stats.accepted, stats.spooled_events);
        _exit(1);
    }
    return stats;
}

/* Exports until the spool takes no more, and then for a while: memory takes over and drops its oldest. */
static uint64_t fill(mona_client *client, const mona_context *context)
{
    double end = seconds_now() + STUCK_S;
    uint64_t spooled = 0, quiet = 0;
    while (quiet < 40 * BURST) {
        mona_stats stats = export_some(client, context);
        quiet = stats.spooled_events == spooled && stats.dropped_queue_full > 0 ? quiet + BURST : 0;
        spooled = stats.spooled_events;
        CHECK(seconds_now() < end);
        sleep_ms(1);
    }
    return spooled;
}

static void until_back(mona_client *client, const mona_context *context, uint64_t spooled)
{
    double start = seconds_now();
    while (export_some(client, context).spooled_events <= spooled) {
        CHECK(seconds_now() < start + BACK_S);
        sleep_ms(20);
    }
    printf("seconds=%.1f\nback\n", seconds_now() - start);
    fflush(stdout);
}

static void check_delivered(const mona_client *client)
{
    mona_stats stats = stats_of(client);
    printf("accepted=%" PRIu64 " delivered=%" PRIu64 " dropped_queue_full=%" PRIu64 "\n", stats.accepted,
           stats.delivered, stats.dropped_queue_full);
    CHECK(stats.delivered + stats.dropped_queue_full == stats.accepted);
    CHECK(stats.accepted == next);
}

int main(int argc, char **argv)
{
    const char *trouble = argv[1], *folder = argv[2];
    mona_client *client;
    mona_context *context = NULL;
    int is_full, is_limit, n;

    CHECK(argc >= 3);
    is_full = strcmp(trouble, "full") == 0;
    is_limit = strcmp(trouble, "limit") == 0;
    if (is_full || strcmp(trouble, "readonly") == 0) {
        mount_disk(folder);
    }
    if (is_full) {
        take_half(folder);
    } else if (strcmp(trouble, "readonly") == 0) {
        CHECK(mount("none", folder, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
    } else {
        CHECK(is_limit || strcmp(trouble, "as-it-is") == 0);
    }
    client = client_of(argv + 3, argc - 3);
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    if (is_full || is_limit) {
        uint64_t spooled;
        if (is_limit) {
            while (export_some(client, context).spooled_events == 0) {
                sleep_ms(1);
            }
            limit_files(LIMIT_BYTES);
        }
        spooled = fill(client, context);
        CHECK(spooled > 0);
        if (is_full) {
            CHECK(unlink(ballast) == 0);
        } else {
            limit_files(RLIM_INFINITY);
        }
        until_back(client, context, spooled);
    } else {
        for (n = 0; n < EVENTS / BURST; n++) {
            CHECK(export_some(client, context).spooled_events == 0);
            sleep_ms(1);
        }
    }
    mona_context_free(context);
    CHECK_OK(mona_client_close(client, CLOSE_MS));
    check_ledger(client);
    check_delivered(client);
    say_logs();
    mona_client_free(client);
    return 0;
}
