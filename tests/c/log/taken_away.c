/*
 * Taking the function away waits for the call that runs, and not for ever for one that does not end. Afterwards
 * nobody is called. From inside the function the answer is MONA_E_BUSY.
 */
#include "../common.h"

#include <pthread.h>

static int running, calls, busy;
static long naps_ms;

static void on_line(int32_t level, const char *line, size_t len, void *user_data)
{
    (void)level, (void)line, (void)len, (void)user_data;
    __atomic_store_n(&running, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    busy += mona_log_set_callback(NULL, NULL) == MONA_E_BUSY;
    sleep_ms(__atomic_load_n(&naps_ms, __ATOMIC_SEQ_CST));
    __atomic_store_n(&running, 0, __ATOMIC_SEQ_CST);
}

static void other(int32_t level, const char *line, size_t len, void *user_data)
{
    (void)level, (void)line, (void)len;
    __atomic_add_fetch((int *)user_data, 1, __ATOMIC_SEQ_CST);
}

static void *say(void *unused)
{
    log_a_line();
    return unused;
}

/* Starts a call on a thread of its own and gives the thread. */
static pthread_t begin_call(long ms)
{
    pthread_t thread;
    __atomic_store_n(&naps_ms, ms, __ATOMIC_SEQ_CST);
    CHECK(pthread_create(&thread, NULL, say, NULL) == 0);
    while (!__atomic_load_n(&running, __ATOMIC_SEQ_CST)) {
        sleep_ms(1);
    }
    return thread;
}

int main(void)
{
    pthread_t thread;
    double start;
    int of_other = 0;

    /* Another function in its place, and none. */
    CHECK_OK(mona_log_set_callback(on_line, NULL));
    thread = begin_call(300);
    CHECK_OK(mona_log_set_callback(other, &of_other));
    CHECK(!__atomic_load_n(&running, __ATOMIC_SEQ_CST));
    log_a_line();
    CHECK(of_other == 1 && calls == 1);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_OK(mona_log_set_callback(on_line, NULL));
    thread = begin_call(300);
    CHECK_OK(mona_log_set_callback(NULL, NULL));
    CHECK(!__atomic_load_n(&running, __ATOMIC_SEQ_CST));
    log_a_line();
    CHECK(of_other == 1 && calls == 2 && busy == 2);
    CHECK(pthread_join(thread, NULL) == 0);

    /* A call that takes for ever, and the end of the program in it. */
    CHECK_OK(mona_log_set_callback(on_line, NULL));
    (void)begin_call(3600000);
    start = seconds_now();
    CHECK_OK(mona_log_set_callback(NULL, NULL));
    CHECK(seconds_now() - start >= 0.9);
    CHECK(__atomic_load_n(&running, __ATOMIC_SEQ_CST));
    log_a_line();
    CHECK(calls == 3);
    return 0;
}
