/*
 * What threads cost that come and go: the first call of a new one, and the memory that 300 of them leave behind,
 * by what the system says is resident.
 */
#include "pair.h"
#include "subject.h"

#include <pthread.h>

enum { THREADS = 300, FIRST_CALLS = 300 };

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

/* One thread after the other, as in a server that starts one for each request: microseconds of the usual first
 * call, and of the slowest but one in a hundred. */
static void first_calls(double *values)
{
    mona_client *client = client_with("endpoint", "null:", NULL);
    struct first_call first = { context_of(client), 0 };
    double times[FIRST_CALLS], ns = ns_per_tick();
    int n;
    for (n = 0; n < FIRST_CALLS; n++) {
        pthread_t thread;
        EXPECT(pthread_create(&thread, NULL, call_first, &first) == 0);
        EXPECT(pthread_join(thread, NULL) == 0);
        times[n] = first.ticks * ns / 1e3;
    }
    sort_doubles(times, FIRST_CALLS);
    values[0] = share_of(times, FIRST_CALLS, 0.5);
    values[1] = share_of(times, FIRST_CALLS, 0.99);
    EXPECT(mona_client_close(client, 5000) == MONA_OK);
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
    before = memory_mb(RESIDENT);
    gather(context);
    EXPECT(mona_client_flush(client, 5000) == MONA_OK);
    sleep_ms(300);
    before = memory_mb(RESIDENT) - before;
    EXPECT(mona_client_close(client, 5000) == MONA_OK);
    return before;
}

static const char *const TURNS[] = { "first_calls", "crowd" };

static void take_turn(const struct asked *asked)
{
    double values[2] = { 0, 0 };
    if (place_of(asked->turn[0], TURNS, 2) == 0) {
        first_calls(values);
    } else {
        values[0] = crowd_memory();
    }
    apart_answer(values, 2);
}

int main(int argc, char **argv)
{
    static struct pair calls[2], memory[2];
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 3 : 9, round;
    if (asked.turn != NULL) {
        take_turn(&asked);
        return 0;
    }
    for (round = 0; round < rounds; round++) {
        const char *first_words[] = { TURNS[0], NULL }, *crowd_words[] = { TURNS[1], NULL };
        pair_turn(&asked, round, first_words, calls, 2);
        pair_turn(&asked, round, crowd_words, memory, 2);
    }
    print_pair("thread.first_call.us", "us", &calls[0]);
    print_pair("thread.first_call.p99.us", "us", &calls[1]);
    print_pair("threads.300.memory.mb", "MB", &memory[0]);
    return 0;
}
