/*
 * Threads that export, flush, look at stats, change globals and the button and take log lines at once, on a client of
 * their own and on the default one, while threads come and go; then a close in the middle of it all. For
 * ThreadSanitizer, which sees each access of the library, and each of the program's.
 */
#include "../common.h"

#include <pthread.h>

enum { ROUNDS = 6, EXPORTERS = 3, EVENTS = 400 };

struct shared {
    mona_client *client;
    mona_context *context;
};

static void *export_events(void *argument)
{
    const struct shared *shared = argument;
    long n;
    for (n = 0; n < EVENTS; n++) {
        mona_field fields[2] = {MONA_I64("n", n), MONA_STR("label", "spam")};
        mona_status status = mona_context_export_fields(shared->context, fields, 2, MONA_NOW);
        CHECK(status == MONA_OK || status == MONA_E_CLOSED || status == MONA_E_DROPPED);
        status = context_export_number(shared->context, "thread", n);
        CHECK(status == MONA_OK || status == MONA_E_CLOSED || status == MONA_E_DROPPED);
        if (n % 50 == 0) {
            CHECK_OK(mona_current_open(NULL, 0, "own", MONA_NTS, MONA_NOW));
            CHECK_OK(export_number("default", n));
            CHECK_OK(mona_current_reset());
        }
    }
    return NULL;
}

static void *look_and_ask(void *argument)
{
    const struct shared *shared = argument;
    int n;
    for (n = 0; n < 100; n++) {
        char line[512];
        size_t len = 0;
        int32_t level = 0;
        mona_status status;
        check_ledger(shared->client);
        status = mona_client_flush(shared->client, n % 10 == 0 ? 50 : 0);
        CHECK(status == MONA_OK || status == MONA_E_TIMEOUT || status == MONA_E_CLOSED);
        status = mona_client_set_globals(shared->client, n % 2 == 0 ? "{\"a\": 1}" : "{}", MONA_NTS);
        CHECK(status == MONA_OK || status == MONA_E_CLOSED);
        if (n % 25 == 0) {
            MONA_IGNORE(mona_client_set_disabled(shared->client, 1));
            MONA_IGNORE(mona_client_set_disabled(shared->client, 0));
        }
        status = mona_client_describe(shared->client, line, sizeof line, &len);
        CHECK(status == MONA_OK || status == MONA_E_TRUNCATED);
        while (mona_log_take(&level, line, sizeof line, &len) == MONA_OK) {
        }
    }
    return NULL;
}

int main(void)
{
    int round;
    for (round = 0; round < ROUNDS; round++) {
        pthread_t exporters[EXPORTERS], looking;
        struct shared shared;
        int n;
        /* Few events fill it in some rounds, and then the oldest go. */
        shared.client = new_client("queue_size", round % 2 == 0 ? "200" : "100000");
        CHECK_OK(mona_context_new(shared.client, "MEET", MONA_NTS, NULL, 0, MONA_NOW, &shared.context));
        CHECK(pthread_create(&looking, NULL, look_and_ask, &shared) == 0);
        for (n = 0; n < EXPORTERS; n++) {
            CHECK(pthread_create(&exporters[n], NULL, export_events, &shared) == 0);
        }
        if (round >= ROUNDS / 2) {
            sleep_ms(5);
            MONA_IGNORE(mona_client_close(shared.client, 2000));
        }
        for (n = 0; n < EXPORTERS; n++) {
            CHECK(pthread_join(exporters[n], NULL) == 0);
        }
        CHECK(pthread_join(looking, NULL) == 0);
        MONA_IGNORE(mona_client_close(shared.client, 2000));
        check_ledger(shared.client);
        mona_context_free(shared.context);
        mona_client_free(shared.client);
    }
    return 0;
}
