/*
 * Signals sent to the process while the library is at work: none is handled on a thread of the library,
 * the caller's mask stays, and every call goes through.
 */
#include "../common.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

static volatile sig_atomic_t handled, on_library_thread;
static volatile int stop;

static void handle(int number)
{
    char name[16] = "";
    (void)number;
    /* The thread's name, without a call that is unsafe in a handler. */
    prctl(PR_GET_NAME, name, 0, 0, 0);
    if (strncmp(name, "mona", 4) == 0) {
        on_library_thread++;
    }
    handled++;
}

static void *send_signals(void *count)
{
    sigset_t blocked;
    long n;
    /* Whoever sends must not be the one who handles. */
    sigfillset(&blocked);
    CHECK(pthread_sigmask(SIG_BLOCK, &blocked, NULL) == 0);
    for (n = 0; n < *(long *)count; n++) {
        CHECK(kill(getpid(), n % 2 ? SIGUSR1 : SIGALRM) == 0);
    }
    stop = 1;
    return NULL;
}

static int library_threads(void)
{
    int count = 0;
    struct dirent *entry;
    DIR *tasks = opendir("/proc/self/task");
    CHECK(tasks != NULL);
    while ((entry = readdir(tasks)) != NULL) {
        char path[300], name[32] = "";
        FILE *comm;
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        comm = fopen(path, "r");
        if (comm != NULL) {
            count += fgets(name, sizeof name, comm) != NULL && strncmp(name, "mona", 4) == 0;
            fclose(comm);
        }
    }
    closedir(tasks);
    return count;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 100000;
    struct sigaction action;
    sigset_t before, after;
    pthread_t thread;
    double end = seconds_now() + 60;
    long n = 0;
    int i;

    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &before) == 0);

    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    CHECK_OK(export_number("main", n++));
    /* A thread gives itself its name. */
    while (library_threads() == 0) {
        CHECK(seconds_now() < end);
        sleep_ms(1);
    }
    CHECK(pthread_create(&thread, NULL, send_signals, &count) == 0);
    while (!stop) {
        CHECK_OK(export_number("main", n++));
        sleep_ms(1);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_OK(mona_client_close(mona_client_default(), 10000));

    CHECK(handled > 0);
    CHECK(on_library_thread == 0);
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &after) == 0);
    for (i = 1; i < 65; i++) {
        CHECK(sigismember(&before, i) == sigismember(&after, i));
    }
    CHECK(stats_of(mona_client_default()).delivered == (uint64_t)n);
    return 0;
}
