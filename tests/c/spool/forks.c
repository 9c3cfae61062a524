/*
 * Forks many times while the parent's own events lie in its spool: `forks FORKS EVENTS NAME=VALUE...`. Every child
 * exports EVENTS events as `child` with numbers of its own and closes; nobody listens, so that they are spooled. Each
 * has a directory of its own, and none takes over what belongs to a process that lives: not the parent's from a child,
 * not a child's from its parent, as their counters show.
 */
#include "host.h"

#include <sys/wait.h>

enum { ALIVE = 8, CLOSE_MS = 100, PARENT_EVENTS = 2011, CHILD_BOUND_S = 60 };

static int run_child(mona_client *client, uint64_t first, uint64_t events)
{
    mona_context *context = NULL;
    mona_stats stats;
    uint64_t n;
    alarm(CHILD_BOUND_S);
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    for (n = first; n < first + events; n++) {
        CHECK_OK(export_event(context, "child", n));
    }
    CHECK_OK(mona_client_close(client, CLOSE_MS));
    stats = stats_of(client);
    check_ledger(client);
    CHECK(stats.accepted == events + stats.adopted_events);
    /* Other children that are gone may have been taken over; the parent must not have been. */
    CHECK(stats.spooled_events == events + stats.adopted_events);
    CHECK(stats.adopted_events % events == 0);
    return 0;
}

static void reap(void)
{
    int status = 0;
    CHECK(wait(&status) > 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char **argv)
{
    mona_client *client;
    mona_context *context = NULL;
    mona_stats stats;
    int forks, i;
    uint64_t events, n;

    CHECK(argc >= 3);
    forks = atoi(argv[1]);
    events = strtoull(argv[2], NULL, 10);
    client = client_of(argv + 3, argc - 3);
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    for (n = 0; n < PARENT_EVENTS; n++) {
        CHECK_OK(export_event(context, "parent", n));
    }
    while (stats_of(client).spooled_events == 0) {
        sleep_ms(1);
    }
    for (i = 0; i < forks; i++) {
        pid_t child;
        if (i >= ALIVE) {
            reap();
        }
        child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            return run_child(client, (uint64_t)i * events, events);
        }
    }
    for (i = 0; i < ALIVE && i < forks; i++) {
        reap();
    }
    mona_context_free(context);
    CHECK_OK(mona_client_close(client, CLOSE_MS));
    check_ledger(client);
    stats = stats_of(client);
    CHECK(stats.spooled_events == PARENT_EVENTS + stats.adopted_events);
    CHECK(stats.adopted_events % events == 0);
    return 0;
}
