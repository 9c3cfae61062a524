/*
 * What threads and overload cost: the first call of a new thread, the memory that 300 threads leave behind,
 * and the memory taken while events come faster than they go. Each memory figure is taken in a process of
 * its own, by what the system says is resident.
 */
#include "subject.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 300, FIRST_CALLS = 300, QUEUE_BYTES = 8 << 20 };

struct first_call {
    mona_context *context;
    double ticks;
};

static void *call_first(void *argument)
{
    struct first_call *first = argument;
    uint64_t start = ticks();
    mona_status status = MONA_EXPORT(first->context, TYPICAL_FIELDS(0.97, 12.5, 32));
    first->ticks = (double)(ticks() - start);
    EXPECT(status == MONA_OK);
    return NULL;
}

/* One thread after the other, as in a server that starts one for each request. */
static void first_calls(const struct asked *asked)
{
    static struct rounds typical, p99;
    mona_client *client = client_with("endpoint", "null:", NULL);
    struct first_call first = { context_of(client), 0 };
    double times[FIRST_CALLS], ns = ns_per_tick();
    int rounds = asked->quick ? 3 : 9, round, n;
    for (round = 0; round < rounds; round++) {
        for (n = 0; n < FIRST_CALLS; n++) {
            pthread_t thread;
            EXPECT(pthread_create(&thread, NULL, call_first, &first) == 0);
            EXPECT(pthread_join(thread, NULL) == 0);
            times[n] = first.ticks * ns / 1e3;
        }
        sort_doubles(times, FIRST_CALLS);
        rounds_add(&typical, share_of(times, FIRST_CALLS, 0.5));
        rounds_add(&p99, share_of(times, FIRST_CALLS, 0.99));
    }
    print_rounds("thread.first_call.us", "us", &typical);
    print_rounds("thread.first_call.p99.us", "us", &p99);
    EXPECT(mona_client_close(client, 5000) == MONA_OK);
    mona_context_free(first.context);
    mona_client_free(client);
}

/* A line of /proc/self/status in MB. */
static double status_mb(const char *line)
{
    char text[256];
    double kb = -1;
    FILE *status = fopen("/proc/self/status", "r");
    EXPECT(status != NULL);
    while (fgets(text, sizeof text, status) != NULL) {
        if (strncmp(text, line, strlen(line)) == 0) {
            kb = strtod(text + strlen(line), NULL);
        }
    }
    fclose(status);
    EXPECT(kb >= 0);
    return kb * 1024 / 1e6;
}

struct crowd {
    mona_context *context;
    pthread_barrier_t *all_here;
};

static void *stand_in_crowd(void *argument)
{
    const struct crowd *crowd = argument;
    int n;
    for (n = 0; crowd->context != NULL && n < 10; n++) {
        EXPECT(MONA_EXPORT(crowd->context, TYPICAL_FIELDS(0.97, 12.5, n)) == MONA_OK);
    }
    pthread_barrier_wait(crowd->all_here);
    return NULL;
}

/* So many threads at the same time; without a context they make no call. */
static void gather(mona_context *context)
{
    pthread_t threads[THREADS];
    pthread_barrier_t all_here;
    struct crowd crowd = { context, &all_here };
    int n;
    EXPECT(pthread_barrier_init(&all_here, NULL, THREADS) == 0);
    for (n = 0; n < THREADS; n++) {
        EXPECT(pthread_create(&threads[n], NULL, stand_in_crowd, &crowd) == 0);
    }
    for (n = 0; n < THREADS; n++) {
        EXPECT(pthread_join(threads[n], NULL) == 0);
    }
    pthread_barrier_destroy(&all_here);
}

static double crowd_memory(void)
{
    mona_client *client = client_with("endpoint", "null:", NULL);
    mona_context *context = context_of(client);
    double before;
    EXPECT(MONA_EXPORT(context, TYPICAL_FIELDS(0.97, 12.5, 32)) == MONA_OK);
    EXPECT(mona_client_flush(client, 5000) == MONA_OK);
    /* What the C library keeps for threads to come is not libmona's. */
    gather(NULL);
    before = status_mb("VmRSS:");
    gather(context);
    EXPECT(mona_client_flush(client, 5000) == MONA_OK);
    sleep_ms(300);
    before = status_mb("VmRSS:") - before;
    EXPECT(mona_client_close(client, 5000) == MONA_OK);
    return before;
}

static void *flood(void *argument)
{
    mona_context *context = argument;
    int n;
    for (n = 0; n < 600000; n++) {
        EXPECT(MONA_EXPORT(context, TYPICAL_FIELDS(0.97, 12.5, n)) == MONA_OK);
    }
    return NULL;
}

/* The most resident memory above the start while two threads export as fast as they can, less the queue. */
static double overload_memory(int listens)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    pthread_t threads[2];
    mona_client *client;
    mona_context *context;
    char endpoint[40], queue[16];
    double start = status_mb("VmHWM:");
    int n, socket_here = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    /* Bound in both cases, so that nobody else gets the port; only who listens is connected to. */
    EXPECT(socket_here >= 0 && bind(socket_here, (struct sockaddr *)&address, sizeof address) == 0);
    EXPECT(getsockname(socket_here, (struct sockaddr *)&address, &len) == 0);
    EXPECT(!listens || listen(socket_here, 8) == 0);
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    snprintf(queue, sizeof queue, "%d", QUEUE_BYTES);
    client = client_with("endpoint", endpoint, "queue_bytes", queue, NULL);
    context = context_of(client);
    for (n = 0; n < 2; n++) {
        EXPECT(pthread_create(&threads[n], NULL, flood, context) == 0);
    }
    for (n = 0; n < 2; n++) {
        EXPECT(pthread_join(threads[n], NULL) == 0);
    }
    EXPECT(stats_of(client).dropped_queue_full > 0);
    (void)mona_client_close(client, 0);
    close(socket_here);
    return status_mb("VmHWM:") - start - QUEUE_BYTES / 1e6;
}

static double overload_unread(void)
{
    return overload_memory(1);
}

static double overload_nobody(void)
{
    return overload_memory(0);
}

static void print_apart(const char *name, double (*measure)(void), int rounds)
{
    static struct rounds found;
    int round;
    found.count = 0;
    for (round = 0; round < rounds; round++) {
        int answer[2], status;
        double value;
        pid_t process;
        EXPECT(pipe(answer) == 0);
        fflush(stdout);
        process = fork();
        EXPECT(process >= 0);
        if (process == 0) {
            value = measure();
            EXPECT(write(answer[1], &value, sizeof value) == (ssize_t)sizeof value);
            _exit(0);
        }
        close(answer[1]);
        EXPECT(read(answer[0], &value, sizeof value) == (ssize_t)sizeof value);
        close(answer[0]);
        EXPECT(waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0);
        rounds_add(&found, value);
    }
    print_rounds(name, "MB", &found);
}

int main(int argc, char **argv)
{
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 1 : 7;
    print_apart("threads.300.memory.mb", crowd_memory, rounds);
    print_apart("overload.unread.over_queue.mb", overload_unread, rounds);
    print_apart("overload.nobody.over_queue.mb", overload_nobody, rounds);
    first_calls(&asked);
    return 0;
}
