/* A collector that resets its connections does not end a process that leaves SIGPIPE alone. */
#include "../common.h"

#include <signal.h>

int main(void)
{
    mona_client *client = mona_client_default();
    struct sigaction action;
    double end = seconds_now() + 20;
    long n = 0;

    CHECK(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    while (stats_of(client).connections < 10 && seconds_now() < end) {
        CHECK_OK(export_number("main", n++));
        sleep_ms(1);
    }
    CHECK(stats_of(client).connections >= 10);
    CHECK(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
    (void)mona_client_close(client, 100);
    check_ledger(client);
    return 0;
}
