/*
 * Threads export texts of all lengths as fast as they can: `resident THREADS MEGABYTES LEAST MOST BEYOND_KIB`.
 * However long that goes on, the memory that is resident stays within queue_bytes and BEYOND_KIB more, and every event
 * is accounted for. Prints what it was at most.
 */
#include "../common.h"

#include <pthread.h>

enum { QUEUE_KIB = 8192, MOST_TEXT = 1 << 20, MOST_THREADS = 64 };

struct share {
    mona_context *context;
    size_t bytes, least, most;
    /* Its own numbers, the same in every run. */
    uint64_t random;
    uint64_t refused;
};

static char text[MOST_TEXT];

/* About as many texts from 10 to 20 bytes as from 20 to 40, and so on. */
static size_t next_length(struct share *share)
{
    size_t doubles = 0, least;
    share->random = share->random * 6364136223846793005u + 1442695040888963407u;
    while (share->least << (doubles + 1) <= share->most) {
        doubles++;
    }
    least = share->least << (share->random >> 33) % (doubles + 1);
    least += (size_t)(share->random >> 11) % least;
    return least < share->most ? least : share->most;
}

static void *run_thread(void *argument)
{
    struct share *share = argument;
    size_t written = 0;
    while (written < share->bytes) {
        mona_field field = MONA_STR("text", "");
        mona_status status;
        field.value.text.ptr = text;
        field.value.text.len = next_length(share);
        status = mona_context_export_fields(share->context, &field, 1, MONA_NOW);
        CHECK(status == MONA_OK || status == MONA_E_DROPPED);
        share->refused += status != MONA_OK;
        written += field.value.text.len;
    }
    return NULL;
}

static long most_resident_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    CHECK(status != NULL);
    while (fgets(line, sizeof line, status) != NULL) {
        (void)sscanf(line, "VmHWM: %ld", &kib);
    }
    fclose(status);
    CHECK(kib > 0);
    return kib;
}

int main(int argc, char **argv)
{
    pthread_t thread[MOST_THREADS];
    static struct share share[MOST_THREADS];
    mona_client *client = mona_client_default();
    mona_context *context = NULL;
    mona_stats stats;
    long threads, beyond_kib, before_kib, grown_kib, i;
    uint64_t refused = 0;

    CHECK(client != NULL && argc == 6);
    threads = atol(argv[1]);
    beyond_kib = atol(argv[5]);
    CHECK(threads > 0 && threads <= MOST_THREADS);
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    memset(text, 'x', sizeof text);
    before_kib = resident_kib();
    for (i = 0; i < threads; i++) {
        share[i].context = context;
        share[i].bytes = (size_t)atol(argv[2]) * 1000000 / (size_t)threads;
        share[i].least = (size_t)atol(argv[3]);
        share[i].most = (size_t)atol(argv[4]);
        share[i].random = (uint64_t)i + 1;
        CHECK(share[i].most <= sizeof text);
        CHECK(pthread_create(&thread[i], NULL, run_thread, &share[i]) == 0);
    }
    for (i = 0; i < threads; i++) {
        CHECK(pthread_join(thread[i], NULL) == 0);
        refused += share[i].refused;
    }
    grown_kib = most_resident_kib() - before_kib;
    check_ledger(client);
    stats = stats_of(client);
    printf("at most %ld KiB beyond queue_bytes, %ld after that; %llu dropped, %llu of these new, %llu delivered\n",
           grown_kib - QUEUE_KIB, resident_kib() - before_kib - QUEUE_KIB,
           (unsigned long long)stats.dropped_queue_full, (unsigned long long)refused,
           (unsigned long long)stats.delivered);
    fflush(stdout);
    CHECK(stats.dropped_queue_full > 0);
    CHECK(stats.queued_bytes <= QUEUE_KIB * 1024);
    CHECK(grown_kib <= QUEUE_KIB + beyond_kib);
    mona_context_free(context);
    MONA_IGNORE(mona_client_close(client, 100));
    check_ledger(client);
    return 0;
}
