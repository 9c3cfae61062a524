/* The line of JSON at the end. */
#include "fleet.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>

static struct counts sum(const struct fleet *fleet)
{
    struct counts all = { 0 };
    uint64_t *to = (uint64_t *)&all;
    int client;
    for (client = 0; client < fleet->options.clients; client++) {
        const uint64_t *from = (const uint64_t *)&fleet->slots[client].ended;
        size_t n;
        for (n = 0; n < sizeof all / sizeof *to; n++) {
            to[n] += from[n];
        }
    }
    return all;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int report(const struct fleet *fleet, int64_t took_ns)
{
    struct counts all = sum(fleet);
    struct histogram *delays = calloc(1, sizeof *delays);
    struct rusage usage;
    uint64_t measured = 0, dropped = all.queue_full + all.too_big + all.rejected + all.spool + all.closed;
    uint64_t known = all.delivered + dropped + all.spooled + all.killed;
    int64_t most_late = 0;
    double cpu, own_cpu = 0;
    int n, is_balanced = all.accepted == known;

    if (delays == NULL) {
        fail("no memory for the report");
    }
    for (n = 0; n < fleet->options.processes; n++) {
        histogram_merge(delays, &fleet->workers[n].delays);
    }
    for (n = 0; n < fleet->options.clients; n++) {
        const struct slot *slot = &fleet->slots[n];
        measured += slot->measured;
        own_cpu += (double)slot->own_cpu / 1e9;
        most_late = slot->most_late > most_late ? slot->most_late : most_late;
    }
    getrusage(RUSAGE_CHILDREN, &usage);
    cpu = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);

    printf("{\"clients\":%d,\"processes\":%d,\"seconds\":%.3f", fleet->options.clients, fleet->options.processes,
           (double)took_ns / 1e9);
    /* Records, those of classes included; what an instance adopted from a spool was accepted once before. */
    printf(",\"accepted\":%" PRIu64 ",\"acked\":%" PRIu64, all.accepted - all.adopted, all.delivered);
    printf(",\"dropped\":%" PRIu64 ",\"dropped_queue_full\":%" PRIu64 ",\"dropped_too_big\":%" PRIu64
           ",\"dropped_rejected\":%" PRIu64 ",\"dropped_spool\":%" PRIu64 ",\"dropped_closed\":%" PRIu64,
           dropped, all.queue_full, all.too_big, all.rejected, all.spool, all.closed);
    /* Every client was closed or killed: nothing is in a queue that anybody knows of. */
    printf(",\"queued\":0,\"spooled\":%" PRIu64 ",\"adopted\":%" PRIu64 ",\"killed_unacked\":%" PRIu64
           ",\"refused\":%" PRIu64, all.spooled, all.adopted, all.killed, all.refused);
    printf(",\"balanced\":%s", is_balanced ? "true" : "false");
    printf(",\"instances\":%" PRIu64 ",\"restarts\":%" PRIu64 ",\"kills\":%" PRIu64, all.instances, fleet->restarts,
           fleet->kills);
    /* Each instance connects once; all beyond that are reconnects of its own. */
    printf(",\"connections\":%" PRIu64 ",\"reconnects\":%" PRIu64 ",\"connect_failures\":%" PRIu64
           ",\"chunks_resent\":%" PRIu64, all.connections,
           all.connections > (uint64_t)fleet->options.clients ? all.connections - (uint64_t)fleet->options.clients : 0,
           all.connect_failures, all.chunks_resent);
    printf(",\"cpu_us_per_event\":%.3f", cpu * 1e6 / (double)(all.accepted ? all.accepted : 1));
    /* All but the simulator's threads: what the library's own take, which threads that were killed would be counted as. */
    if (fleet->kills == 0 && all.accepted > 0) {
        printf(",\"library_threads_cpu_us_per_event\":%.3f", (cpu - own_cpu) * 1e6 / (double)all.accepted);
    }
    printf(",\"rss_kib_largest_process\":%ld", usage.ru_maxrss);
    printf(",\"late_ms_max\":%.3f", (double)most_late / 1e6);
    printf(",\"delay_ms\":{\"from\":\"export to acknowledgement, as the clients saw it\",\"resolution\":%d,"
           "\"not_measured\":%" PRIu64 ",", fleet->options.poll_ms, all.accepted - measured);
    histogram_print(stdout, delays);
    printf("}%s}\n", fleet->is_ended_early ? ",\"ended_early\":true" : "");
    free(delays);
    if (!is_balanced) {
        fprintf(stderr, "fleet: %" PRIu64 " accepted, %" PRIu64 " accounted for\n", all.accepted, known);
    }
    return is_balanced ? 0 : 1;
}
