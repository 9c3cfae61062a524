/*
 * A stack in forked children, made while other threads move stacks: parent and children go on with it, and each flushes
 * what it exported. `fork COUNT`: prints how many events were accepted in all.
 */
#include "../common.h"

#include <pthread.h>
#include <sys/wait.h>

static mona_client *client;
static mona_stack *in;
static uint64_t scope;
static volatile int is_over;

static void *moves(void *nothing)
{
    while (!is_over) {
        mona_stack *to = NULL, *back = NULL;
        uint64_t sub = 0;
        CHECK_OK(mona_stack_enter_sub(in, NULL, "moving", MONA_NTS, &sub, &to));
        CHECK_OK(mona_stack_leave(to, sub, &back));
        mona_stack_free(to);
        mona_stack_free(back);
    }
    return nothing;
}

/* Three events: in the stack from before, in a part of it, and in it again. */
static void go_on(const char *who)
{
    mona_stack *to = NULL, *back = NULL, *out = in;
    uint64_t sub = 0;
    char event[64];
    snprintf(event, sizeof event, "{\"who\": \"%s\"}", who);
    CHECK_OK(mona_stack_export(in, event, MONA_NTS, NULL, NULL));
    CHECK_OK(mona_stack_enter_sub(in, NULL, who, MONA_NTS, &sub, &to));
    CHECK_OK(mona_stack_export(to, event, MONA_NTS, NULL, NULL));
    CHECK_OK(mona_stack_leave(to, sub, &back));
    CHECK_OK(mona_stack_export(back, event, MONA_NTS, NULL, NULL));
    CHECK_OK(mona_stack_leave(to, scope, &out));
    CHECK(out == NULL);
    mona_stack_free(to);
    mona_stack_free(back);
    CHECK_OK(mona_client_flush(client, 60000));
}

int main(int argc, char **argv)
{
    pthread_t threads[2];
    int children, n;
    CHECK(argc == 2);
    children = atoi(argv[1]);
    CHECK_OK(mona_client_new(NULL, &client));
    CHECK_OK(mona_stack_enter(client, NULL, NULL, "run", MONA_NTS, NULL, &scope, &in));
    for (n = 0; n < 2; n++) {
        CHECK(pthread_create(&threads[n], NULL, moves, NULL) == 0);
    }
    for (n = 0; n < children; n++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            go_on("child");
            mona_stack_free(in);
            mona_client_free(client);
            _exit(0);
        }
    }
    go_on("parent");
    is_over = 1;
    for (n = 0; n < 2; n++) {
        CHECK(pthread_join(threads[n], NULL) == 0);
    }
    for (n = 0; n < children; n++) {
        int status = 0;
        CHECK(wait(&status) > 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    go_on("parent");
    mona_stack_free(in);
    mona_client_free(client);
    return 0;
}
