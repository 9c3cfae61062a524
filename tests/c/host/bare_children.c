/*
 * Children that run no fork handler: `clone` by hand, glibc's `_Fork`, and the `fork` of a second C
 * library in a link namespace of its own. Each has ids of its own and its events arrive; the parent's
 * connection is as it was, also after a vfork with an exec.
 */
#include "../common.h"

#include <dlfcn.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { EVENTS = 50 };

typedef pid_t (*fork_function)(void);

static pid_t by_clone(void) { return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }

static fork_function find(const char *way)
{
    fork_function found = NULL;
    void *symbol = NULL;
    if (strcmp(way, "clone") == 0) {
        return by_clone;
    }
    if (strcmp(way, "_Fork") == 0) {
        symbol = dlsym(RTLD_DEFAULT, "_Fork");
    } else {
        void *copy = dlmopen(LM_ID_NEWLM, "libc.so.6", RTLD_NOW);
        symbol = copy != NULL ? dlsym(copy, "fork") : NULL;
    }
    memcpy(&found, &symbol, sizeof found);
    return found;
}

static void export_all(mona_client *client, const char *who, long from)
{
    mona_context *context = NULL;
    long n;
    CHECK_OK(mona_context_new(client, "BARE", MONA_NTS, NULL, 0, MONA_NOW, &context));
    for (n = from; n < from + EVENTS; n++) {
        CHECK_OK(context_export_number(context, who, n));
    }
    mona_context_free(context);
}

static void await(pid_t child)
{
    int status = 0;
    CHECK(child > 0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int count, char **arguments)
{
    fork_function bare_fork = find(count > 1 ? arguments[1] : "clone");
    mona_client *client;
    pid_t child;
    int round;

    if (bare_fork == NULL) {
        printf("no such fork here\n");
        return 0;
    }
    client = new_client("flush_interval_ms", "20");
    export_all(client, "parent", 0);
    CHECK_OK(mona_client_flush(client, 60000));
    for (round = 0; round < 3; round++) {
        /* What the sender holds at the moment of a bare fork is held in the child for ever. */
        sleep_ms(100);
        child = bare_fork();
        if (child == 0) {
            pid_t grandchild;
            export_all(client, "child", round * EVENTS);
            CHECK_OK(mona_client_flush(client, 60000));
            sleep_ms(100);
            grandchild = bare_fork();
            if (grandchild == 0) {
                export_all(client, "grandchild", round * EVENTS);
                CHECK_OK(mona_client_close(client, 60000));
                _exit(0);
            }
            await(grandchild);
            CHECK_OK(mona_client_close(client, 60000));
            CHECK(stats_of(client).accepted == EVENTS + 1);
            CHECK(stats_of(client).connections == 1);
            _exit(0);
        }
        await(child);
    }
    child = vfork();
    if (child == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    await(child);
    export_all(client, "parent", EVENTS);
    CHECK_OK(mona_client_flush(client, 60000));
    CHECK(stats_of(client).connections == 1);
    CHECK(stats_of(client).accepted == 2 * EVENTS + 2);
    check_ledger(client);
    CHECK_OK(mona_client_close(client, 60000));
    mona_client_free(client);
    return 0;
}
