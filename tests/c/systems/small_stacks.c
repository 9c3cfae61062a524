/*
 * Threads with as little stack as musl gives by default do everything that a host does: a client, contexts, typed and
 * JSON events, the thread's own context left open, a flush and a close.
 */
#include "../common.h"

#include <pthread.h>

enum { THREADS = 4 };

static void *everything(void *unused)
{
    mona_client *client = new_client(NULL, NULL);
    mona_context *context = NULL;
    mona_field fields[] = {MONA_I64("n", 1), MONA_STR("who", "typed")};
    (void)unused;
    CHECK_OK(mona_context_new(client, "small", MONA_NTS, NULL, 0, MONA_NOW, &context));
    CHECK_OK(context_export_number(context, "json", 1));
    CHECK_OK(mona_context_export_fields(context, fields, 2, MONA_NOW));
    mona_context_free(context);
    CHECK_OK(mona_current_open("small", MONA_NTS, NULL, 0, MONA_NOW));
    CHECK_OK(export_number("current", 1));
    CHECK_OK(mona_client_flush(client, 60000));
    CHECK_OK(mona_client_close(client, 60000));
    mona_client_free(client);
    return NULL;
}

int main(void)
{
    pthread_attr_t attributes;
    pthread_t threads[THREADS];
    int n;
    CHECK(pthread_attr_init(&attributes) == 0);
    /* musl's default. */
    CHECK(pthread_attr_setstacksize(&attributes, 128 * 1024) == 0);
    for (n = 0; n < THREADS; n++) {
        CHECK(pthread_create(&threads[n], &attributes, everything, NULL) == 0);
    }
    for (n = 0; n < THREADS; n++) {
        CHECK(pthread_join(threads[n], NULL) == 0);
    }
    return 0;
}
