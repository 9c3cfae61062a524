/*
 * A collector takes the connection and never reads: flush and close give up in time, what is left is
 * counted as dropped, and free is quick afterwards. Prints by how much the latest of them came later than asked for.
 */
#include "../common.h"

static double latest_s;

/* Of what began at `start` and was to last that long at most. */
static double note_end(double start, double most_s)
{
    double took_s = seconds_now() - start;
    latest_s = took_s - most_s > latest_s ? took_s - most_s : latest_s;
    return took_s;
}

int main(void)
{
    mona_client *client = mona_client_default();
    mona_stats stats;
    double start;
    long n;

    CHECK(client != NULL);
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    for (n = 0; n < 10000; n++) {
        CHECK_OK(export_number("main", n));
    }

    start = seconds_now();
    CHECK_STATUS(MONA_E_TIMEOUT, mona_client_flush(client, 200));
    CHECK(note_end(start, 0.2) >= 0.19);
    check_ledger(client);

    start = seconds_now();
    CHECK_STATUS(MONA_E_TIMEOUT, mona_client_close(client, 1000));
    CHECK(note_end(start, 1.0) >= 0.99);

    stats = stats_of(client);
    CHECK(stats.accepted == 10000);
    CHECK(stats.delivered == 0);
    CHECK(stats.dropped_closed == 10000);
    CHECK(stats.queued_events == 0);
    CHECK_STATUS(MONA_E_CLOSED, export_number("main", n));

    start = seconds_now();
    mona_client_free(new_client(NULL, NULL));
    note_end(start, 1.0);
    printf("late_us=%ld\n", (long)(latest_s * 1e6));
    return 0;
}
