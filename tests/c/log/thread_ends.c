/*
 * `thread_ends exit|thread`: the function ends the program, or the thread it was called on, as interpreters do that
 * have ended. Both are threads of the library; the program goes on, ends in time and with 0.
 */
#include "../common.h"

#include <pthread.h>

static int calls, ends_the_program;
static __thread char filling[64];

static void on_line(int32_t level, const char *line, size_t len, void *user_data)
{
    (void)level, (void)len, (void)user_data;
    snprintf(filling, sizeof filling, "%s", line);
    __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    if (ends_the_program) {
        exit(0);
    }
    pthread_exit(filling);
}

int main(int argc, char **argv)
{
    double end = seconds_now() + 60;
    mona_client *client;
    mona_context *context;

    ends_the_program = argc > 1 && strcmp(argv[1], "exit") == 0;
    client = new_client("endpoint", "tcp://127.0.0.1:1");
    CHECK_OK(mona_context_new(client, NULL, 0, "m", MONA_NTS, MONA_NOW, &context));
    CHECK_OK(mona_log_set_callback(on_line, NULL));
    CHECK_OK(mona_context_export(context, "{\"a\": 1}", MONA_NTS, MONA_NOW));
    while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) == 0 && seconds_now() < end) {
        sleep_ms(1);
    }
    CHECK(__atomic_load_n(&calls, __ATOMIC_SEQ_CST) == 1);
    if (ends_the_program) {
        sleep_ms(30000);
        CHECK(!"the program ends from inside the function");
    }
    /* Nobody waits for a call that will not return. */
    CHECK_OK(mona_log_set_callback(NULL, NULL));
    CHECK_STATUS(MONA_E_TIMEOUT, mona_client_close(client, 100));
    check_ledger(client);
    return 0;
}
