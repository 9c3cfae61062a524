/*
 * `lines WHO EVENTS BYTES [MODE]`: exports that many events with that much filling to where MONA_ENDPOINT says and
 * closes. What the mode may have in it: `nonblocking` makes standard output so first, `stalled` expects that nobody
 * reads and says on standard error how late its close was over, with `gone` because the reader has gone, `closed`
 * starts without standard output and opens it later on the file `late`, `pausing` exports nothing for a while once its
 * client is made.
 */
#include "../common.h"

#include <fcntl.h>

static int flags_of_output(void) { return fcntl(STDOUT_FILENO, F_GETFL); }

int main(int argc, char **argv)
{
    const char *who = argc > 1 ? argv[1] : "main", *mode = argc > 4 ? argv[4] : "";
    long events = argc > 2 ? atol(argv[2]) : 1, n;
    size_t bytes = argc > 3 ? (size_t)atol(argv[3]) : 0;
    int is_stalled = strstr(mode, "stalled") != NULL, is_closed = strstr(mode, "closed") != NULL, flags;
    char *filling = calloc(1, bytes + 1), *event = malloc(bytes + 256);
    mona_client *client;
    mona_context *context;
    mona_stats stats;
    double start;

    CHECK(filling != NULL && event != NULL);
    memset(filling, 'x', bytes);
    if (strstr(mode, "nonblocking") != NULL) {
        CHECK(fcntl(STDOUT_FILENO, F_SETFL, flags_of_output() | O_NONBLOCK) == 0);
    }
    flags = flags_of_output();
    if (is_closed) {
        CHECK(close(STDOUT_FILENO) == 0);
    }
    client = new_client(NULL, NULL);
    if (strstr(mode, "pausing") != NULL) {
        sleep_ms(500);
    }
    CHECK_OK(mona_context_new(client, NULL, 0, "m", MONA_NTS, MONA_NOW, &context));
    for (n = 0; n < events; n++) {
        snprintf(event, bytes + 256, "{\"who\": \"%s\", \"n\": %ld, \"filling\": \"%s\"}", who, n, filling);
        CHECK_OK(mona_context_export(context, event, MONA_NTS, MONA_NOW));
    }
    if (is_closed) {
        CHECK(await_log("standard output", 60000) == MONA_LOG_WARNING);
        flags = -1;
        CHECK(open("late", O_WRONLY | O_CREAT | O_APPEND, 0600) == STDOUT_FILENO);
    }
    if (is_stalled) {
        const char *said = strstr(mode, "gone") != NULL ? "nobody reads it" : "nothing was read";
        CHECK(await_log(said, 60000) == MONA_LOG_WARNING);
        /* Give it time to be in the middle of another attempt. */
        sleep_ms(400);
        start = seconds_now();
        CHECK_STATUS(MONA_E_TIMEOUT, mona_client_close(client, 300));
        fprintf(stderr, "late_us=%ld\n", (long)((seconds_now() - start - 0.3) * 1e6));
        /* The sender is gone too: it waits in no write. */
        start = seconds_now();
        while (threads() > 1) {
            CHECK(seconds_now() - start < 60);
            sleep_ms(10);
        }
    } else {
        CHECK_OK(mona_client_close(client, 60000));
    }
    check_ledger(client);
    stats = stats_of(client);
    CHECK(is_stalled || stats.delivered == (uint64_t)events);
    CHECK(is_closed || flags_of_output() == flags);
    mona_context_free(context);
    mona_client_free(client);
    free(filling);
    free(event);
    return 0;
}
