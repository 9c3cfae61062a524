/*
 * A collector that resets its connections does not end a process that leaves SIGPIPE alone, and what the process does
 * with each signal stays as it was.
 *
 *     default_sigpipe CONNECTIONS
 */
#include "../common.h"

#include <signal.h>

enum { signals = 65 };

static void read_table(struct sigaction *table)
{
    int n;
    memset(table, 0, signals * sizeof *table);
    for (n = 1; n < signals; n++) {
        /* Those of the C library's own cannot be asked for, and stay empty. */
        (void)sigaction(n, NULL, &table[n]);
    }
}

static void check_table(const struct sigaction *before)
{
    struct sigaction now[signals];
    int n, member;
    read_table(now);
    for (n = 1; n < signals; n++) {
        CHECK(now[n].sa_handler == before[n].sa_handler && now[n].sa_flags == before[n].sa_flags);
        for (member = 1; member < signals; member++) {
            CHECK(sigismember(&now[n].sa_mask, member) == sigismember(&before[n].sa_mask, member));
        }
    }
}

int main(int argc, char **argv)
{
    struct sigaction before[signals];
    mona_client *client;
    double end = seconds_now() + 60;
    uint64_t connections;
    long n = 0;

    CHECK(argc == 2);
    connections = (uint64_t)atol(argv[1]);
    read_table(before);
    CHECK(before[SIGPIPE].sa_handler == SIG_DFL);
    client = mona_client_default();
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    while (stats_of(client).connections < connections && seconds_now() < end) {
        CHECK_OK(export_number("main", n++));
        sleep_ms(1);
    }
    CHECK(stats_of(client).connections >= connections);
    check_table(before);
    MONA_IGNORE(mona_client_close(client, 100));
    check_ledger(client);
    check_table(before);
    return 0;
}
