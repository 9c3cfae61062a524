/*
 * A host whose collector is hostile: exports so many events over so many seconds, tells what the process used of
 * the processor and of memory meanwhile, and how long close took.
 *
 *     host EVENTS SECONDS FLUSH_MS [CLASS]
 *
 * FLUSH_MS: how long a flush before the close may take; 0: there is none.
 */
#include "../common.h"

/* For the closing figures: seconds of this process on any processor. */
static double seconds_used(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* The most that was ever resident. */
static long peak_kib(void)
{
    char line[256];
    long peak = 0;
    FILE *status = fopen("/proc/self/status", "r");
    CHECK(status != NULL);
    while (fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "VmHWM: %ld", &peak) == 1) {
            break;
        }
    }
    fclose(status);
    return peak;
}

int main(int argc, char **argv)
{
    mona_client *client = new_client(NULL, NULL);
    mona_context *context = NULL;
    mona_stats stats;
    double start, used, lasted, close_start;
    const char *arc_class;
    long events, flush_ms, at_start, n;
    double seconds;

    CHECK(argc == 4 || argc == 5);
    arc_class = argc == 5 ? argv[4] : NULL;
    events = atol(argv[1]);
    seconds = atof(argv[2]);
    flush_ms = atol(argv[3]);
    CHECK_OK(mona_context_new(client, arc_class, MONA_NTS, NULL, 0, MONA_NOW, &context));
    at_start = resident_kib();
    start = seconds_now();
    used = seconds_used();
    for (n = 0; n < events; n++) {
        double due = start + seconds * (double)n / (double)events;
        while (seconds_now() < due) {
            sleep_ms(5);
        }
        CHECK_OK(context_export_number(context, "main", n));
    }
    while (seconds_now() < start + seconds) {
        sleep_ms(5);
    }
    if (flush_ms > 0) {
        CHECK_OK(mona_client_flush(client, (uint32_t)flush_ms));
    }
    used = seconds_used() - used;
    lasted = seconds_now() - start;
    check_ledger(client);
    close_start = seconds_now();
    MONA_IGNORE(mona_client_close(client, 1000));
    close_start = seconds_now() - close_start;
    check_ledger(client);
    stats = stats_of(client);
    CHECK(stats.queued_events == 0 && stats.worker_panics == 0);
    printf("cpu_permille=%ld grown_kib=%ld close_ms=%ld lasted_ms=%ld accepted=%llu delivered=%llu rejected=%llu "
           "closed=%llu connections=%llu\n",
           (long)(used * 1000 / lasted), peak_kib() - at_start, (long)(close_start * 1000), (long)(lasted * 1000),
           (unsigned long long)stats.accepted, (unsigned long long)stats.delivered,
           (unsigned long long)stats.dropped_rejected, (unsigned long long)stats.dropped_closed,
           (unsigned long long)stats.connections);
    mona_context_free(context);
    mona_client_free(client);
    return 0;
}
