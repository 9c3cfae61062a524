/*
 * A collector takes the connection and never reads: flush and close give up in time, what is left is
 * counted as dropped, and free is quick afterwards.
 */
#include "../common.h"

/* What the interface promises beyond the time-out, and what two busy cores may add. */
static const double promised_s = 0.25;
static const double scheduling_s = 0.75;

int main(void)
{
    mona_client *client = mona_client_default();
    mona_stats stats;
    double start, took;
    long n;

    CHECK(client != NULL);
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    for (n = 0; n < 10000; n++) {
        CHECK_OK(export_number("main", n));
    }

    start = seconds_now();
    CHECK_STATUS(MONA_E_TIMEOUT, mona_client_flush(client, 200));
    took = seconds_now() - start;
    CHECK(took >= 0.19 && took <= 0.2 + promised_s + scheduling_s);
    check_ledger(client);

    start = seconds_now();
    CHECK_STATUS(MONA_E_TIMEOUT, mona_client_close(client, 1000));
    took = seconds_now() - start;
    CHECK(took >= 0.99 && took <= 1.0 + promised_s + scheduling_s);

    stats = stats_of(client);
    CHECK(stats.accepted == 10000);
    CHECK(stats.delivered == 0);
    CHECK(stats.dropped_closed == 10000);
    CHECK(stats.queued_events == 0);
    CHECK_STATUS(MONA_E_CLOSED, export_number("main", n));

    start = seconds_now();
    mona_client_free(new_client(NULL, NULL));
    CHECK(seconds_now() - start <= 1.0 + promised_s + scheduling_s);
    return 0;
}
