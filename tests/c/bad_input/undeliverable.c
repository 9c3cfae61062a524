/*
 * An endpoint that cannot take events now: a flush answers MONA_E_TIMEOUT, the log says what is wrong,
 * and what was accepted is delivered once the test has mended the endpoint.
 * `undeliverable TEXT...`: texts that one warning or error has to hold. Prints that line.
 */
#include "../common.h"

enum { EVENTS = 500 };

static int holds_all(const char *line, int count, char **texts)
{
    int i;
    for (i = 0; i < count; i++) {
        if (strstr(line, texts[i]) == NULL) {
            return 0;
        }
    }
    return 1;
}

int main(int argc, char **argv)
{
    mona_client *client = mona_client_default();
    double end = seconds_now() + 60;
    char line[2048] = "";
    int found = 0;
    long n;

    CHECK(client != NULL);
    CHECK_OK(mona_current_open(NULL, 0, "m", MONA_NTS, MONA_NOW));
    for (n = 0; n < EVENTS; n++) {
        CHECK_OK(export_number("main", n));
    }
    CHECK_STATUS(MONA_E_TIMEOUT, mona_client_flush(client, 500));
    while (!found && seconds_now() < end) {
        size_t len = 0;
        int32_t level = 0;
        if (mona_log_take(&level, line, sizeof line, &len) == MONA_OK) {
            found = level >= 30 && holds_all(line, argc - 1, argv + 1);
        } else {
            sleep_ms(10);
        }
    }
    CHECK(found);
    check_ledger(client);
    CHECK(stats_of(client).queued_events == EVENTS);
    printf("%s\n", line);
    fflush(stdout);
    CHECK_OK(mona_client_flush(client, 60000));
    CHECK(stats_of(client).delivered == EVENTS);
    CHECK_OK(mona_client_close(client, 60000));
    check_ledger(client);
    return 0;
}
