/*
 * So many threads at the same time with small stacks, each with a few events: `many_threads THREADS`. Nothing is
 * dropped from a queue that is almost empty, and all of it is delivered. Prints what the threads cost, or how many the
 * system allows.
 */
#include "../common.h"

#include <pthread.h>
#include <sys/resource.h>

enum { EVENTS = 3, STACK = 64 * 1024, FLUSH_MS = 60000, IDLE_MS = 2000 };

static mona_context *context;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* What the main thread waits for, and what all others do. */
static pthread_cond_t counted = PTHREAD_COND_INITIALIZER, allowed = PTHREAD_COND_INITIALIZER;
static long started, exported;
/* What all threads wait for: to export, and to end. */
static int may_export, may_end;

static void *run_thread(void *argument)
{
    int n;
    (void)argument;
    CHECK(pthread_mutex_lock(&lock) == 0);
    started++;
    CHECK(pthread_cond_signal(&counted) == 0);
    while (!may_export) {
        CHECK(pthread_cond_wait(&allowed, &lock) == 0);
    }
    CHECK(pthread_mutex_unlock(&lock) == 0);
    for (n = 0; n < EVENTS && context != NULL; n++) {
        CHECK_OK(context_export_number(context, "one of many", n));
    }
    CHECK(pthread_mutex_lock(&lock) == 0);
    exported++;
    CHECK(pthread_cond_signal(&counted) == 0);
    while (!may_end) {
        CHECK(pthread_cond_wait(&allowed, &lock) == 0);
    }
    CHECK(pthread_mutex_unlock(&lock) == 0);
    return NULL;
}

static void await(const long *count, long all)
{
    CHECK(pthread_mutex_lock(&lock) == 0);
    while (*count < all) {
        CHECK(pthread_cond_wait(&counted, &lock) == 0);
    }
    CHECK(pthread_mutex_unlock(&lock) == 0);
}

static void allow(int *what)
{
    CHECK(pthread_mutex_lock(&lock) == 0);
    *what = 1;
    CHECK(pthread_cond_broadcast(&allowed) == 0);
    CHECK(pthread_mutex_unlock(&lock) == 0);
}

static double cpu_ms(void)
{
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3
        + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

int main(int argc, char **argv)
{
    mona_client *client = mona_client_default();
    pthread_attr_t small;
    pthread_t *threads;
    mona_stats stats;
    long all, made, i, before_kib, after_kib;
    double start, cpu;

    CHECK(client != NULL && argc == 2);
    all = atol(argv[1]);
    threads = malloc(sizeof *threads * (size_t)all);
    CHECK(threads != NULL);
    CHECK(pthread_attr_init(&small) == 0 && pthread_attr_setstacksize(&small, STACK) == 0);
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    for (made = 0; made < all; made++) {
        if (pthread_create(&threads[made], &small, run_thread, NULL) != 0) {
            printf("only %ld threads\n", made);
            fflush(stdout);
            _exit(0);
        }
    }
    await(&started, all);
    before_kib = resident_kib();
    start = seconds_now();
    allow(&may_export);
    await(&exported, all);
    printf("%ld threads: %.0f ms to export", all, (seconds_now() - start) * 1e3);
    after_kib = resident_kib();
    start = seconds_now();
    CHECK_OK(mona_client_flush(client, FLUSH_MS));
    printf(", %.1f KiB each, %.0f ms to flush", (double)(after_kib - before_kib) / (double)all,
           (seconds_now() - start) * 1e3);
    check_ledger(client);
    stats = stats_of(client);
    CHECK(stats.dropped_queue_full == 0);
    CHECK(stats.accepted == (uint64_t)(all * EVENTS));
    CHECK(stats.delivered == stats.accepted);
    cpu = cpu_ms();
    sleep_ms(IDLE_MS);
    printf(", %.2f ms of processor in a second of rest", (cpu_ms() - cpu) * 1e3 / IDLE_MS);
    start = seconds_now();
    allow(&may_end);
    for (i = 0; i < all; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    printf(", %.0f ms to end\n", (seconds_now() - start) * 1e3);
    free(threads);
    mona_context_free(context);
    CHECK_OK(mona_client_close(client, FLUSH_MS));
    return 0;
}
