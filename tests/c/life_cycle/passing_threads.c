/*
 * Threads that come, export ten events and go: all events arrive and no buffer stays behind. Prints by
 * how much the process grew after the first round.
 */
#include "../common.h"

#include <pthread.h>

enum { AT_ONCE = 20, EVENTS = 10 };

static void *run_thread(void *number)
{
    long n;
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    for (n = 0; n < EVENTS; n++) {
        CHECK_OK(export_number("thread", *(long *)number * EVENTS + n));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 300;
    long done, i, resident_before = 0;
    long number[AT_ONCE];
    pthread_t thread[AT_ONCE];
    mona_client *client = mona_client_default();
    mona_stats stats;

    CHECK(client != NULL && count % AT_ONCE == 0);
    for (done = 0; done < count; done += AT_ONCE) {
        for (i = 0; i < AT_ONCE; i++) {
            number[i] = done + i;
            CHECK(pthread_create(&thread[i], NULL, run_thread, &number[i]) == 0);
        }
        for (i = 0; i < AT_ONCE; i++) {
            CHECK(pthread_join(thread[i], NULL) == 0);
        }
        if (done == 0) {
            CHECK_OK(mona_client_flush(client, 60000));
            resident_before = resident_kib();
        }
    }
    CHECK_OK(mona_client_close(client, 60000));
    stats = stats_of(client);
    CHECK(stats.delivered == (uint64_t)(count * EVENTS));
    printf("grown_kib=%ld\n", resident_kib() - resident_before);
    return 0;
}
