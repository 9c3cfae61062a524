/*
 * The parent of the processes with clients. It waits for its children and for the next time to restart one, in one place,
 * without polling. What a child counted stays in shared memory, whatever its end.
 */
#include "fleet.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A client's thread calls the library, a few frames deep; the default of 8 MiB for 400 would only be reserved. */
enum { STACK = 256 * 1024 };

static sigset_t awaited(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

static void *wait_for_all(void *argument)
{
    const pthread_t *threads = argument;
    for (; *threads != 0; threads++) {
        pthread_join(*threads, NULL);
    }
    /* To the process: its first thread waits for this. */
    kill(getpid(), SIGTERM);
    return NULL;
}

/* A child: its share of the clients, until they are done or SIGTERM comes. */
static _Noreturn void be_worker(struct fleet *fleet, int number)
{
    const struct options *options = &fleet->options;
    int most = options->clients / options->processes + 1, count = 0, n, got;
    struct client *clients = calloc((size_t)most, sizeof *clients);
    pthread_t *threads = calloc((size_t)most + 1, sizeof *threads), last;
    pthread_attr_t attributes;
    sigset_t set = awaited();

    if (clients == NULL || threads == NULL) {
        fail("no memory for a process");
    }
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (n = number; n < options->clients; n += options->processes) {
        clients[count] = (struct client){ fleet, &fleet->workers[number], &fleet->slots[n], n };
        if (pthread_create(&threads[count], &attributes, client_run, &clients[count]) != 0) {
            fail("a thread cannot be started");
        }
        count++;
    }
    if (pthread_create(&last, &attributes, wait_for_all, threads) != 0) {
        fail("a thread cannot be started");
    }
    /* SIGINT by a terminal goes to all processes; the parent says what to do. */
    do {
        sigwait(&set, &got);
    } while (got != SIGTERM);
    clients_stop();
    pthread_join(last, NULL);
    free(threads);
    free(clients);
    exit(0);
}

static void start(struct fleet *fleet, int number)
{
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) {
        fail("a process cannot be started");
    }
    if (pid == 0) {
        /* None outlives the simulator, however that ends. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(1);
        }
        be_worker(fleet, number);
    }
    fleet->workers[number].pid = pid;
}

/* Ends a process and waits for it; says whether it ended as it should. */
static int end(struct fleet *fleet, int number, int sign)
{
    struct worker *worker = &fleet->workers[number];
    int status;
    if (worker->pid == 0) {
        return 1;
    }
    kill(worker->pid, sign);
    while (waitpid(worker->pid, &status, 0) < 0) {
        if (errno != EINTR) {
            fail("a process cannot be waited for");
        }
    }
    worker->pid = 0;
    return sign == SIGKILL || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Ends the next process of the row that still runs and starts it again. */
static void roll(struct fleet *fleet, int *next)
{
    int tried;
    for (tried = 0; tried < fleet->options.processes; tried++) {
        int number = (*next)++ % fleet->options.processes;
        if (fleet->workers[number].pid != 0) {
            if (!end(fleet, number, fleet->options.roll_kill ? SIGKILL : SIGTERM)) {
                fail("a process did not end well");
            }
            fleet->restarts++;
            fleet->kills += (uint64_t)fleet->options.roll_kill;
            start(fleet, number);
            return;
        }
    }
}

/* Takes note of processes that are done; gives how many still run. */
static int reap(struct fleet *fleet)
{
    int number, running = 0, status;
    for (number = 0; number < fleet->options.processes; number++) {
        struct worker *worker = &fleet->workers[number];
        if (worker->pid != 0 && waitpid(worker->pid, &status, WNOHANG) == worker->pid) {
            worker->pid = 0;
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
                fail("a process did not end well");
            }
        }
        running += worker->pid != 0;
    }
    return running;
}

/* When the restart after that one is due: never when the run ends at that moment. */
static int64_t roll_after(const struct options *options, int64_t begin, int64_t last)
{
    int64_t next = last + (int64_t)(options->roll_every * 1e9);
    return options->seconds > 0 && next >= begin + (int64_t)(options->seconds * 1e9) ? INT64_MAX : next;
}

void fleet_run(struct fleet *fleet)
{
    const struct options *options = &fleet->options;
    sigset_t set = awaited();
    int64_t next_roll = INT64_MAX;
    int number, next = 0;

    /* Blocked in the children too, which is what their threads need. */
    sigprocmask(SIG_BLOCK, &set, NULL);
    /* So that all processes are there when the first event is due. */
    fleet->begin = monotonic_ns() + 100 * NS_PER_MS;
    for (number = 0; number < options->processes; number++) {
        start(fleet, number);
    }
    if (options->roll_every > 0) {
        next_roll = roll_after(options, fleet->begin, fleet->begin);
    }
    while (reap(fleet) > 0) {
        int64_t left = next_roll - monotonic_ns();
        struct timespec wait = { .tv_sec = left / NS_PER_S, .tv_nsec = left % NS_PER_S };
        int got = left > 0 ? sigtimedwait(&set, NULL, next_roll == INT64_MAX ? NULL : &wait) : -1;
        if (got == SIGTERM || got == SIGINT) {
            fleet->is_ended_early = 1;
            next_roll = INT64_MAX;
            for (number = 0; number < options->processes; number++) {
                if (!end(fleet, number, SIGTERM)) {
                    fail("a process did not end well");
                }
            }
        } else if (monotonic_ns() >= next_roll) {
            next_roll = roll_after(options, fleet->begin, next_roll);
            roll(fleet, &next);
        }
    }
}
