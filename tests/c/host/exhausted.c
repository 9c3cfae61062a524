/*
 * Under the shim: the Nth thread, socket, open or poll fails, and some behind it. The start returns at
 * once, events are kept, and arrive when there is room again. Prints how long the start took.
 */
#include "../common.h"

/* Of what is preloaded. */
__attribute__((weak)) void shim_begin(void);
__attribute__((weak)) void shim_end(void);

int main(void)
{
    mona_client *client = NULL;
    mona_context *context = NULL;
    mona_status status;
    double start;
    long n;

    CHECK(shim_begin != NULL && shim_end != NULL);
    shim_begin();
    start = seconds_now();
    status = mona_client_new(NULL, &client);
    printf("start_us=%ld", (long)((seconds_now() - start) * 1e6));
    if (status != MONA_OK) {
        /* A file that it is told to read cannot be opened now. */
        CHECK_STATUS(MONA_E_IO, status);
        shim_end();
        puts(" later=1");
        CHECK_OK(mona_client_new(NULL, &client));
    } else {
        puts(" later=0");
    }
    CHECK_OK(mona_context_new(client, "EXHAUSTED", MONA_NTS, NULL, 0, MONA_NOW, &context));
    for (n = 0; n < 50; n++) {
        CHECK_OK(context_export_number(context, "host", n));
        sleep_ms(5);
    }
    check_ledger(client);
    shim_end();
    CHECK_OK(context_export_number(context, "host", 50));
    CHECK_OK(mona_client_flush(client, 60000));
    CHECK(stats_of(client).delivered == 52);
    check_ledger(client);
    mona_context_free(context);
    CHECK_OK(mona_client_close(client, 60000));
    mona_client_free(client);
    return 0;
}
