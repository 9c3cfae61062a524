/*
 * A host under LeakSanitizer, which forks: what the child leaves of its parent's is no leak. The argument
 * says whose client it is and what the child does with it.
 */
#include "../common.h"

#include <sys/wait.h>

static void await(pid_t child)
{
    int status = 0;
    CHECK(child > 0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Until no thread allocates: a checker of today copies its own locks as they are. */
static void quieten(void) { sleep_ms(300); }

static void use_default(const char *who)
{
    CHECK_OK(mona_current_open("LEAKS", MONA_NTS, NULL, 0, MONA_NOW));
    CHECK_OK(export_number(who, 1));
}

static void use_own(void)
{
    mona_client *client = new_client(NULL, NULL);
    mona_context *context = NULL;
    pid_t child;
    CHECK_OK(mona_context_new(client, "LEAKS", MONA_NTS, NULL, 0, MONA_NOW, &context));
    CHECK_OK(context_export_number(context, "parent", 1));
    CHECK_OK(mona_client_flush(client, 60000));
    quieten();
    child = fork();
    if (child == 0) {
        CHECK_OK(context_export_number(context, "child", 1));
    } else {
        await(child);
    }
    CHECK_OK(mona_client_close(client, 60000));
    mona_context_free(context);
    mona_client_free(client);
    if (child == 0) {
        exit(0);
    }
}

int main(int count, char **arguments)
{
    const char *what = count > 1 ? arguments[1] : "default";
    pid_t child;
    if (strcmp(what, "own") == 0) {
        use_own();
        return 0;
    }
    use_default("parent");
    if (strcmp(what, "waiting") != 0) {
        CHECK_OK(mona_client_flush(mona_client_default(), 20000));
    }
    quieten();
    child = fork();
    if (child == 0) {
        if (strcmp(what, "idle") != 0) {
            use_default("child");
        }
        exit(0);
    }
    await(child);
    return 0;
}
