/*
 * `exit_in_handler CALL TRIES AT_ONCE`: as many children, each of which makes one kind of call over and over until a
 * signal handler calls exit() in the middle of one. Each must be gone 3 s after that, by itself and with 0. Prints how
 * many were not, and the longest time an exit took.
 */
/* What a call answers whose program ends inside it is of no interest. */
#define MONA_NO_WARN_UNUSED
#include "../common.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

/* What is promised for an exit. */
#define MOST_SECONDS 3.0
/* A child that does not get as far as its exit: the machine is in trouble. */
#define MOST_LIFE 60.0

static volatile sig_atomic_t in_call;
/* Shared with the parent: when exit() was called. */
static volatile double *exit_at;

static mona_client *client;
static mona_context *context;
static unsigned turn;

static void arm(void)
{
    struct itimerval timer;
    memset(&timer, 0, sizeof timer);
    timer.it_value.tv_usec = 100 + rand() % 2000;
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

static void end_inside(int signal)
{
    (void)signal;
    if (!in_call) {
        arm();
        return;
    }
    *exit_at = seconds_now();
    exit(0);
}

#define INSIDE(call)       \
    do {                   \
        in_call = 1;       \
        (void)(call);      \
        in_call = 0;       \
    } while (0)

static void call_typed(void)
{
    INSIDE(MONA_EXPORT(context, MONA_I64("n", turn), MONA_STR("who", "typed"), MONA_F64("x", 0.5)));
}

/* Mostly names that nobody knows yet: the slow path, which allocates. */
static void call_json(void)
{
    char event[128];
    int len = snprintf(event, sizeof event, "{\"key%u\": \"%u\", \"n\": [1, {\"deep\": %u}]}", turn % 5003, turn, turn);
    INSIDE(mona_context_export(context, event, (size_t)len, MONA_NOW));
}

/* A few fill a chunk, which is sealed and makes others go. */
static void call_large(void)
{
    static char text[60000];
    memset(text, 'x', sizeof text - 1);
    INSIDE(MONA_EXPORT(context, MONA_I64("n", turn), MONA_STR("text", text)));
}

static void call_context(void)
{
    mona_context *own = NULL;
    INSIDE(mona_context_new(client, "class", MONA_NTS, NULL, 0, MONA_NOW, &own));
    INSIDE(mona_context_export(own, "{\"n\": 1}", MONA_NTS, MONA_NOW));
    INSIDE((mona_context_free(own), 0));
}

static void call_current(void)
{
    uint64_t scope = 0;
    INSIDE(mona_current_enter("class", MONA_NTS, NULL, 0, MONA_NOW, &scope));
    INSIDE(mona_current_export("{\"n\": 1}", MONA_NTS, MONA_NOW));
    INSIDE(mona_current_leave(scope));
}

static void call_batch(void)
{
    size_t accepted = 0;
    INSIDE(mona_client_export_batch(client, "[{\"message\": {\"n\": 1}}, {\"message\": {\"n\": 2}, \"arc_class\": \"c\"}]",
                                    MONA_NTS, &accepted));
}

static void call_stats(void)
{
    mona_stats stats;
    stats.size = sizeof stats;
    INSIDE(mona_client_stats(client, &stats));
}

static void call_flush(void)
{
    (void)MONA_EXPORT(context, MONA_I64("n", turn));
    INSIDE(mona_client_flush(client, 5));
}

static void call_describe(void)
{
    char text[8192];
    size_t len = 0;
    INSIDE(mona_client_describe(client, text, sizeof text, &len));
}

/* The whole life of a client. */
static void call_client(void)
{
    mona_client *own = NULL;
    mona_context *run = NULL;
    INSIDE(mona_client_new(NULL, &own));
    INSIDE(mona_context_new(own, "class", MONA_NTS, NULL, 0, MONA_NOW, &run));
    INSIDE(MONA_EXPORT(run, MONA_I64("n", turn)));
    INSIDE((mona_context_free(run), 0));
    INSIDE(mona_client_close(own, 20));
    INSIDE((mona_client_free(own), 0));
}

static const struct {
    const char *name;
    void (*call)(void);
} CALLS[] = {
    { "typed", call_typed },       { "json", call_json },   { "large", call_large },   { "context", call_context },
    { "current", call_current },   { "batch", call_batch }, { "stats", call_stats },   { "flush", call_flush },
    { "describe", call_describe }, { "client", call_client },
};

/* Another thread, which stays, and its last event. */
static volatile int has_exported;

static void *export_and_stay(void *unused)
{
    sigset_t all;
    (void)unused;
    sigfillset(&all);
    CHECK(pthread_sigmask(SIG_BLOCK, &all, NULL) == 0);
    CHECK_OK(context_export_number(context, "other", 0));
    has_exported = 1;
    for (;;) {
        pause();
    }
    return NULL;
}

static void live(void (*call)(void), unsigned seed)
{
    pthread_t other;
    srand(seed);
    CHECK((client = mona_client_default()) != NULL);
    CHECK_OK(mona_context_new(client, "class", MONA_NTS, NULL, 0, MONA_NOW, &context));
    CHECK(pthread_create(&other, NULL, export_and_stay, NULL) == 0);
    while (!has_exported) {
        sleep_ms(1);
    }
    CHECK(signal(SIGALRM, end_inside) != SIG_ERR);
    arm();
    for (;; turn++) {
        call();
    }
}

struct child {
    pid_t pid;
    double since;
};

int main(int argc, char **argv)
{
    struct child children[64];
    volatile double *times;
    double slowest = 0;
    void (*call)(void) = NULL;
    long tries, at_once, started = 0, ended = 0, hung = 0, wrong = 0, never = 0, i;
    CHECK(argc == 4);
    for (i = 0; i < (long)(sizeof CALLS / sizeof *CALLS); i++) {
        call = strcmp(argv[1], CALLS[i].name) == 0 ? CALLS[i].call : call;
    }
    tries = atol(argv[2]);
    at_once = atol(argv[3]);
    CHECK(call != NULL && at_once >= 1 && at_once <= 64);
    times = mmap(NULL, 64 * sizeof *times, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(times != MAP_FAILED);
    memset(children, 0, sizeof children);
    while (ended < tries) {
        for (i = 0; i < at_once; i++) {
            struct child *child = &children[i];
            int status = 0;
            double now = seconds_now();
            if (child->pid == 0) {
                if (started == tries) {
                    continue;
                }
                times[i] = 0;
                exit_at = &times[i];
                CHECK((child->pid = fork()) >= 0);
                if (child->pid == 0) {
                    live(call, (unsigned)started);
                }
                child->since = now;
                started++;
                continue;
            }
            if (waitpid(child->pid, &status, WNOHANG) == child->pid) {
                double took = times[i] > 0 ? now - times[i] : 0;
                wrong += !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
                slowest = took > slowest ? took : slowest;
            } else if (times[i] > 0 && now - times[i] > MOST_SECONDS) {
                hung++;
                CHECK(kill(child->pid, SIGKILL) == 0 && waitpid(child->pid, &status, 0) == child->pid);
            } else if (now - child->since > MOST_LIFE) {
                never++;
                CHECK(kill(child->pid, SIGKILL) == 0 && waitpid(child->pid, &status, 0) == child->pid);
            } else {
                continue;
            }
            child->pid = 0;
            ended++;
        }
        sleep_ms(1);
    }
    printf("tries=%ld hung=%ld wrong=%ld never=%ld slowest_ms=%.0f\n", ended, hung, wrong, never, slowest * 1000);
    return hung + wrong + never == 0 ? 0 : 1;
}
