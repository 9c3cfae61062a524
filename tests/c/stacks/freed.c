/*
 * Stacks outlive their client: they are moved, left and freed after it in a forked child, in a destructor of a thread and
 * in atexit handlers, and a million moves leave nothing behind. Prints nothing.
 */
#include "../common.h"

#include <pthread.h>
#include <sys/wait.h>

enum { MOVES = 1000000, DEEP = 20000, COPIES = 4000, EXPORTS = 20000, MOST_GROWTH_KIB = 4096 };

static mona_stack *in, *late, *copies[COPIES];
static uint64_t scope;
static pthread_key_t key;

static mona_stack *copied(void)
{
    mona_stack *copy = NULL;
    CHECK_OK(mona_stack_leave(in, MONA_INNERMOST, &copy));
    return copy;
}

/* Goes down and up from a stack whose client is closed, and frees it. */
static void use_up(void *given)
{
    mona_stack *stack = given, *to = NULL, *back = NULL, *out = stack;
    uint64_t sub = 0;
    CHECK_OK(mona_stack_enter_sub(stack, NULL, "sub", MONA_NTS, &sub, &to));
    CHECK_STATUS(MONA_E_CLOSED, mona_stack_export(to, "{\"a\": 1}", MONA_NTS, NULL, NULL));
    CHECK_OK(mona_stack_leave(to, sub, &back));
    CHECK_OK(mona_stack_leave(back, scope, &out));
    CHECK(out == NULL);
    mona_stack_free(stack);
    mona_stack_free(back);
    mona_stack_free(to);
}

static void use_up_late(void)
{
    use_up(late);
}

static void *end_with(void *stack)
{
    CHECK(pthread_setspecific(key, stack) == 0);
    return NULL;
}

/* Each stack goes on from the one before, which is freed in turn. */
static void move_on(void)
{
    mona_stack *now = copied(), *to = NULL, *back = NULL;
    long before = 0, n;
    uint64_t sub = 0;
    for (n = 0; n < MOVES; n++) {
        if (n == MOVES / 10) {
            before = resident_kib();
        }
        CHECK_OK(mona_stack_enter_sub(now, NULL, "sub", MONA_NTS, &sub, &to));
        CHECK_OK(mona_stack_leave(to, sub, &back));
        mona_stack_free(now);
        mona_stack_free(to);
        now = back;
    }
    CHECK(resident_kib() - before < MOST_GROWTH_KIB);
    mona_stack_free(now);
}

/* All that came before hangs on the last one, or not: to free it needs no stack of calls as deep. */
static void *go_deep(void *nothing)
{
    mona_stack *now = copied(), *to = NULL;
    int n;
    for (n = 0; n < DEEP; n++) {
        uint64_t sub = 0;
        CHECK_OK(mona_stack_enter_sub(now, NULL, "s", MONA_NTS, &sub, &to));
        mona_stack_free(now);
        now = to;
    }
    CHECK_OK(mona_stack_leave(now, scope, &to));
    CHECK(to == NULL);
    mona_stack_free(now);
    return nothing;
}

static void run_with_little_room(void *(*run)(void *))
{
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
    CHECK(pthread_create(&thread, &attributes, run, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
}

static void *export_all(void *nothing)
{
    int n;
    for (n = 0; n < EXPORTS; n++) {
        mona_status status = mona_stack_export(in, "{\"a\": 1}", MONA_NTS, NULL, NULL);
        CHECK(status == MONA_OK || status == MONA_E_DROPPED);
    }
    return nothing;
}

static void *free_half(void *first)
{
    int n;
    for (n = *(const int *)first; n < COPIES; n += 2) {
        mona_stack_free(copies[n]);
    }
    return first;
}

static void export_while_copies_go(void)
{
    static int first[2] = { 0, 1 };
    pthread_t threads[6];
    int n;
    for (n = 0; n < COPIES; n++) {
        copies[n] = copied();
    }
    for (n = 0; n < 6; n++) {
        void *half = n < 2 ? &first[n] : NULL;
        CHECK(pthread_create(&threads[n], NULL, n < 2 ? free_half : export_all, half) == 0);
    }
    for (n = 0; n < 6; n++) {
        CHECK(pthread_join(threads[n], NULL) == 0);
    }
}

int main(void)
{
    mona_client *client = NULL;
    mona_stack *ends = NULL;
    pthread_t thread;
    pid_t child;
    int status = 0;

    CHECK_OK(mona_client_new(NULL, &client));
    CHECK_OK(mona_stack_enter(client, NULL, NULL, "run", MONA_NTS, NULL, &scope, &in));
    move_on();
    run_with_little_room(go_deep);
    export_while_copies_go();
    ends = copied();
    late = copied();
    mona_client_free(client);

    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        use_up(in);
        use_up(late);
        use_up(ends);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    use_up(in);
    CHECK(pthread_key_create(&key, use_up) == 0);
    CHECK(pthread_create(&thread, NULL, end_with, ends) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(atexit(use_up_late) == 0);
    return 0;
}
