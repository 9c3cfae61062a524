/*
 * Four threads export as fast as they can while no collector takes anything: `unserved EVENTS BYTES`.
 * The calls never wait for the network, memory stays within its bound, and every event is accounted for.
 * Prints the 99.9th percentile of a call in microseconds and by how much the process grew.
 */
#include "../common.h"

#include <pthread.h>

enum { THREADS = 4 };

/* What the process may need beyond queue_bytes: threads, chunks being made, the allocator's slack. */
static const long beyond_queue_kib = 16 * 1024;

struct share {
    mona_client *client;
    const char *event;
    long events;
    float *took_us;
};

static void *run_thread(void *argument)
{
    struct share *share = argument;
    mona_context *context = NULL;
    size_t len = strlen(share->event);
    long n;

    CHECK_OK(mona_context_new(share->client, NULL, 0, NULL, 0, MONA_NOW, &context));
    for (n = 0; n < share->events; n++) {
        double start = seconds_now();
        mona_status status = mona_context_export(context, share->event, len, MONA_NOW);
        share->took_us[n] = (float)((seconds_now() - start) * 1e6);
        CHECK(status == MONA_OK);
    }
    mona_context_free(context);
    return NULL;
}

static int by_value(const void *one, const void *other)
{
    float a = *(const float *)one, b = *(const float *)other;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    pthread_t thread[THREADS];
    struct share share[THREADS];
    char *event;
    float *took_us;
    long events, bytes, before_kib, grown_kib, i;
    mona_client *client = mona_client_default();
    mona_stats stats;

    CHECK(client != NULL && argc == 3);
    events = atol(argv[1]);
    bytes = atol(argv[2]);
    event = malloc((size_t)bytes + 32);
    took_us = malloc(sizeof *took_us * (size_t)events * THREADS);
    CHECK(event != NULL && took_us != NULL);
    memset(took_us, 1, sizeof *took_us * (size_t)events * THREADS);
    i = sprintf(event, "{\"filling\": \"");
    memset(event + i, 'x', (size_t)bytes);
    strcpy(event + i + bytes, "\"}");

    before_kib = resident_kib();
    for (i = 0; i < THREADS; i++) {
        share[i].client = client;
        share[i].event = event;
        share[i].events = events;
        share[i].took_us = took_us + i * events;
        CHECK(pthread_create(&thread[i], NULL, run_thread, &share[i]) == 0);
    }
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(thread[i], NULL) == 0);
    }
    grown_kib = resident_kib() - before_kib;

    check_ledger(client);
    stats = stats_of(client);
    CHECK(stats.accepted == (uint64_t)(events * THREADS));
    CHECK(stats.delivered == 0);
    CHECK(stats.queued_bytes <= 8388608);
    CHECK(grown_kib <= 8192 + beyond_queue_kib);
    MONA_IGNORE(mona_client_close(client, 100));
    check_ledger(client);
    CHECK(stats_of(client).queued_events == 0);

    qsort(took_us, (size_t)(events * THREADS), sizeof *took_us, by_value);
    printf("p999_us=%.1f grown_kib=%ld\n", (double)took_us[(long)((double)(events * THREADS) * 0.999)],
           grown_kib);
    return 0;
}
