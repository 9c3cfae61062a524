/*
 * Forks many times while four threads export. Every child exports 100 events under a generated context
 * id and returns; none may take longer than the bound. Prints how many events the parent's threads sent.
 */
#include "../common.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

enum { THREADS = 4, ALIVE = 8, EVENTS = 100 };

/* The promise is 3 s; eight children share two cores with the parent's threads here. */
static const unsigned child_bound_s = 60;

static volatile int stop;
static long sent[THREADS];

static void *export_until_stopped(void *slot)
{
    long *count = slot;
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    while (!stop) {
        CHECK_OK(export_number("parent", (*count)++));
        sleep_ms(1);
    }
    return NULL;
}

static int run_child(void)
{
    long n;
    alarm(child_bound_s);
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    for (n = 0; n < EVENTS; n++) {
        CHECK_OK(export_number("child", n));
    }
    CHECK_OK(mona_client_close(mona_client_default(), 1000 * child_bound_s));
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
    int forks = argc > 1 ? atoi(argv[1]) : 200;
    pthread_t thread[THREADS];
    long total = 0;
    int i;

    CHECK(mona_client_default() != NULL);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&thread[i], NULL, export_until_stopped, &sent[i]) == 0);
    }
    for (i = 0; i < forks; i++) {
        pid_t child;
        if (i >= ALIVE) {
            reap();
        }
        child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            return run_child();
        }
    }
    for (i = 0; i < ALIVE && i < forks; i++) {
        reap();
    }
    stop = 1;
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(thread[i], NULL) == 0);
        total += sent[i];
    }
    CHECK_OK(mona_client_close(mona_client_default(), 10000));
    check_ledger(mona_client_default());
    printf("parent=%ld\n", total);
    return 0;
}
