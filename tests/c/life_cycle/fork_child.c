/*
 * Parent and child both export and end on their own: the parent with a close, the child by returning
 * from main. The parent's first events are still queued when it forks.
 */
#include "../common.h"

#include <sys/wait.h>

enum { EVENTS = 100 };

static void export_all(const char *who, long from)
{
    long n;
    CHECK_OK(mona_current_open("FORKED", MONA_NTS, NULL, 0, MONA_NOW));
    for (n = from; n < from + EVENTS; n++) {
        CHECK_OK(export_number(who, n));
    }
}

int main(void)
{
    int child_status = 0;
    pid_t child;

    export_all("parent", 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        export_all("child", 0);
        return 0;
    }
    export_all("parent", EVENTS);
    CHECK(waitpid(child, &child_status, 0) == child);
    CHECK(WIFEXITED(child_status) && WEXITSTATUS(child_status) == 0);
    CHECK_OK(mona_client_close(mona_client_default(), 5000));
    CHECK(stats_of(mona_client_default()).accepted == 2 * EVENTS + 2);
    check_ledger(mona_client_default());
    return 0;
}
