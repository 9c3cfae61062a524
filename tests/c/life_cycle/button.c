/* Prints `sent` or `disabled`: what MONA_DISABLE_ALL made of one event. */
#include "../common.h"

int main(void)
{
    mona_stats stats;
    CHECK_OK(mona_current_open("ARC", MONA_NTS, "m", MONA_NTS, MONA_NOW));
    CHECK_OK(export_number("main", 0));
    CHECK_OK(mona_client_flush(mona_client_default(), 5000));
    stats = stats_of(mona_client_default());
    CHECK(stats.accepted == stats.delivered);
    CHECK(stats.accepted == 0 || stats.accepted == 2);
    CHECK((stats.accepted == 0) == (stats.skipped_disabled > 0));
    puts(stats.accepted == 0 ? "disabled" : "sent");
    return 0;
}
