/*
 * Calls on several threads at once, each with a context of its own and, as far as there are enough, a processor
 * of its own: how much two threads get done, and what a call costs each of many.
 */
#include "pair.h"
#include "subject.h"

#include <pthread.h>
#include <sched.h>

enum { MOST_THREADS = 16, MOST_COUNTS = 8 };

struct runner {
    struct subject subject;
    int number;
    long calls;
    pthread_barrier_t *start;
    double begun, ended;
    long refused;
};

static int processors(void)
{
    cpu_set_t allowed;
    EXPECT(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    return CPU_COUNT(&allowed);
}

/* Gives the thread the `n`th processor that it may have: a scheduler that is slow to part two threads would
 * be what is measured. */
static void keep_to(int n)
{
    cpu_set_t allowed, one;
    int cpu;
    EXPECT(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &allowed) && n-- == 0) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            EXPECT(pthread_setaffinity_np(pthread_self(), sizeof one, &one) == 0);
            return;
        }
    }
}

static void *run(void *argument)
{
    struct runner *runner = argument;
    keep_to(runner->number);
    (void)subject_loop(&runner->subject, runner->calls / 10);
    pthread_barrier_wait(runner->start);
    runner->begun = now_ns();
    (void)subject_loop(&runner->subject, runner->calls);
    runner->ended = now_ns();
    runner->refused = subject_refused();
    return NULL;
}

/* Million calls a second of so many threads; without a client, of empty calls. */
static double rate(mona_client *client, int threads, long calls)
{
    struct runner runners[MOST_THREADS];
    pthread_t ids[MOST_THREADS];
    pthread_barrier_t start;
    double begun, ended;
    int i;
    EXPECT(threads <= MOST_THREADS && pthread_barrier_init(&start, NULL, (unsigned)threads) == 0);
    for (i = 0; i < threads; i++) {
        runners[i].subject = client != NULL ? subject_typed(client) : subject_empty();
        runners[i].number = i;
        runners[i].calls = calls;
        runners[i].start = &start;
        EXPECT(pthread_create(&ids[i], NULL, run, &runners[i]) == 0);
    }
    for (i = 0; i < threads; i++) {
        EXPECT(pthread_join(ids[i], NULL) == 0);
        EXPECT(runners[i].refused == 0);
        mona_context_free(runners[i].subject.target.context);
    }
    begun = runners[0].begun;
    ended = runners[0].ended;
    for (i = 1; i < threads; i++) {
        begun = runners[i].begun < begun ? runners[i].begun : begun;
        ended = runners[i].ended > ended ? runners[i].ended : ended;
    }
    pthread_barrier_destroy(&start);
    return (double)threads * (double)calls / (ended - begun) * 1e3;
}

static const char *const KINDS[] = { "typed", "empty" };

/* A turn of KIND THREADS. */
static void take_turn(const struct asked *asked)
{
    long calls = asked->quick ? 200000 : 600000;
    int is_empty = place_of(asked->turn[0], KINDS, 2);
    int threads = asked->turn[1] == NULL ? 1 : atoi(asked->turn[1]);
    mona_client *client = is_empty ? NULL : client_with("endpoint", "null:", NULL);
    double found = rate(client, threads, is_empty ? 20 * calls : calls);
    EXPECT(client == NULL || mona_client_close(client, 5000) == MONA_OK);
    apart_answer(&found, 1);
}

/* What a call costs a thread among `threads`, to what it costs one alone, from the rates of both. */
static void print_cost(const char *name, int threads, const struct rounds *one, const struct rounds *many)
{
    struct rounds alone = *one;
    int i;
    for (i = 0; i < alone.count; i++) {
        alone.value[i] *= threads;
    }
    print_ratio(name, &alone, many);
}

/* One thread, and then 2, 4, 8 and so on up to the number of processors. */
static int counts_of_threads(int *counts)
{
    int most = processors() < MOST_THREADS ? processors() : MOST_THREADS, n, count = 0;
    for (n = 1; n < most; n *= 2) {
        counts[count++] = n;
    }
    counts[count++] = most;
    return count;
}

int main(int argc, char **argv)
{
    static struct pair found[MOST_COUNTS], empty[MOST_COUNTS];
    struct asked asked = ask(argc, argv);
    int counts[MOST_COUNTS], count = counts_of_threads(counts), rounds = asked.quick ? 3 : 15, round, turn;
    if (asked.turn != NULL) {
        take_turn(&asked);
        return 0;
    }
    if (count < 2) {
        print_missing("threads.two_to_one.ratio", "there is only one processor");
        print_missing("threads.most_to_one.call.ratio", "there is only one processor");
        return 0;
    }
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < count; turn++) {
            int at = (round + turn) % count;
            char number[16];
            const char *typed_words[] = { "typed", number, NULL }, *empty_words[] = { "empty", number, NULL };
            snprintf(number, sizeof number, "%d", counts[at]);
            pair_turn(&asked, round, typed_words, &found[at], 1);
            pair_turn_of_peer(&asked, empty_words, &empty[at], 1);
        }
    }
    print_pair("threads.one.rate", "million/s", &found[0]);
    print_pair("threads.two.rate", "million/s", &found[1]);
    print_ratio("threads.two_to_one.ratio", &found[1].ours, &found[0].ours);
    print_ratio("threads.machine.ratio", &empty[1].ours, &empty[0].ours);
    for (turn = 1; turn < count; turn++) {
        char name[64];
        snprintf(name, sizeof name, "threads.%d_to_one.call.ratio", counts[turn]);
        print_cost(name, counts[turn], &found[0].ours, &found[turn].ours);
    }
    print_cost("threads.most_to_one.call.ratio", counts[count - 1], &found[0].ours, &found[count - 1].ours);
    print_cost("threads.most_to_one.machine.ratio", counts[count - 1], &empty[0].ours, &empty[count - 1].ours);
    return 0;
}
