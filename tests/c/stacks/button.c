/*
 * The Big Red Button while stacks are there: the environment is looked at where a main context is opened, and what was
 * open before goes on once it is let go. mona_client_is_disabled() says so in every state of a client. Prints nothing.
 */
#include "../common.h"

#include <sys/wait.h>

static mona_client *client;

static int is_disabled(const mona_client *which)
{
    int32_t answer = 77;
    CHECK_OK(mona_client_is_disabled(which, &answer));
    return answer;
}

/* Enters a main context; whether it opened. */
static int opens(void)
{
    mona_stack *to = NULL;
    uint64_t scope = 0;
    int is_open;
    CHECK_OK(mona_stack_enter(client, NULL, NULL, NULL, 0, NULL, &scope, &to));
    CHECK(scope != 0);
    is_open = to != NULL;
    mona_stack_free(to);
    return is_open;
}

static int takes(const mona_stack *stack)
{
    int32_t taken = 77;
    CHECK_OK(mona_stack_export(stack, "{\"a\": 1}", MONA_NTS, NULL, &taken));
    return taken;
}

static void press(const mona_stack *before)
{
    mona_stack *to = NULL;
    uint64_t scope = 0, sub = 0;
    size_t accepted = 77, len = 77;

    CHECK(setenv("MONA_DISABLE_ALL", "1", 1) == 0);
    /* Neither joining nor going down opens a main context. */
    CHECK_OK(mona_stack_enter(client, before, NULL, NULL, 0, NULL, &scope, &to));
    mona_stack_free(to);
    CHECK(takes(before) == 1 && !is_disabled(client));
    CHECK(!opens() && is_disabled(client));
    CHECK(takes(before) == 0);
    CHECK_OK(mona_stack_id(before, NULL, 0, &len));
    CHECK(len == 0);
    CHECK_OK(mona_stack_enter_sub(before, NULL, "sub", MONA_NTS, &sub, &to));
    mona_stack_free(to);
    CHECK_OK(mona_stack_export_batch(client, NULL, "[{\"message\": {\"a\": 1}}]", MONA_NTS, &accepted));
    CHECK(accepted == 0);

    CHECK(setenv("MONA_DISABLE_ALL", "no", 1) == 0);
    CHECK(takes(before) == 0);
    CHECK(opens() && !is_disabled(client));
    CHECK(takes(before) == 1);

    /* A batch outside of an enter opens main contexts, too. */
    CHECK(setenv("MONA_DISABLE_ALL", "yes", 1) == 0);
    CHECK_OK(mona_stack_export_batch(client, NULL, "[{\"message\": {\"a\": 1}}]", MONA_NTS, &accepted));
    CHECK(accepted == 0 && is_disabled(client));
    CHECK(unsetenv("MONA_DISABLE_ALL") == 0);
    CHECK_OK(mona_stack_open(client, NULL, NULL, NULL, 0, NULL, &to));
    CHECK(to != NULL && !is_disabled(client));
    mona_stack_free(to);
}

int main(void)
{
    mona_client *off = new_client("disable_all", "true");
    mona_stack *in = NULL;
    uint64_t scope = 0;
    pid_t child;
    int status = 0;

    CHECK(is_disabled(off));
    CHECK_OK(mona_client_set_disabled(off, 0));
    CHECK(is_disabled(off));
    CHECK_OK(mona_client_close(off, 60000));
    CHECK(is_disabled(off));
    mona_client_free(off);

    client = new_client(NULL, NULL);
    CHECK_OK(mona_stack_enter(client, NULL, NULL, "before", MONA_NTS, NULL, &scope, &in));
    press(in);
    CHECK_OK(mona_client_set_disabled(client, 1));
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(is_disabled(client) && takes(in) == 0);
        CHECK_OK(mona_client_set_disabled(client, 0));
        CHECK(!is_disabled(client) && takes(in) == 1);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(is_disabled(client));
    CHECK_OK(mona_client_set_disabled(client, 0));
    CHECK_OK(mona_client_close(client, 60000));
    CHECK(!is_disabled(client));
    mona_stack_free(in);
    mona_client_free(client);
    return 0;
}
