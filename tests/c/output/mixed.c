/*
 * `mixed EVENTS BYTES`: one client sends long records to standard output, another one prints its log, and a thread has
 * something to say all the time.
 */
#include "../common.h"

#include <pthread.h>

static int is_over;

static void *say(void *unused)
{
    while (!__atomic_load_n(&is_over, __ATOMIC_SEQ_CST)) {
        log_a_line();
        sleep_ms(1);
    }
    return unused;
}

int main(int argc, char **argv)
{
    long events = argc > 1 ? atol(argv[1]) : 1, n;
    size_t bytes = argc > 2 ? (size_t)atol(argv[2]) : 0;
    char *filling = calloc(1, bytes + 1), *event = malloc(bytes + 256);
    mona_client *clients[2];
    mona_context *contexts[2];
    pthread_t thread;
    int i;

    CHECK(filling != NULL && event != NULL);
    memset(filling, 'x', bytes);
    CHECK(setenv("MONA_PRINT_LOGS", "1", 1) == 0);
    for (i = 0; i < 2; i++) {
        clients[i] = new_client("endpoint", "stdout:");
        CHECK_OK(mona_context_new(clients[i], NULL, 0, "m", MONA_NTS, MONA_NOW, &contexts[i]));
    }
    CHECK(pthread_create(&thread, NULL, say, NULL) == 0);
    for (n = 0; n < events; n++) {
        snprintf(event, bytes + 256, "{\"n\": %ld, \"filling\": \"%s\"}", n, filling);
        for (i = 0; i < 2; i++) {
            CHECK_OK(mona_context_export(contexts[i], event, MONA_NTS, MONA_NOW));
        }
    }
    for (i = 0; i < 2; i++) {
        CHECK_OK(mona_client_close(clients[i], 60000));
        CHECK(stats_of(clients[i]).delivered == (uint64_t)events);
    }
    __atomic_store_n(&is_over, 1, __ATOMIC_SEQ_CST);
    CHECK(pthread_join(thread, NULL) == 0);
    return 0;
}
