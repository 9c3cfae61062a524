/*
 * Calls in other states than the plain one: switched off, with filter rules, into a full queue, opening and
 * closing contexts, and on two threads. All through libmona only, so that one process does.
 */
#include "subject.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

static void call_fields(const struct target *target, long n)
{
    (void)n;
    EXPECT(mona_context_export_fields(target->context, target->large->fields, 7, MONA_NOW) == MONA_OK);
}

static void call_context(const struct target *target, long n)
{
    mona_context *context = NULL;
    (void)n;
    EXPECT(mona_context_new(target->client, "image-classifier", sizeof "image-classifier" - 1, NULL, 0,
                            MONA_NOW, &context) == MONA_OK);
    mona_context_free(context);
}

/* One way of calling, timed by turns with others. */
struct entry {
    const char *name;
    struct subject subject;
    struct rounds cost;
};

static void take_turns(struct entry *entries, int count, int rounds, int quick)
{
    struct subject empty = subject_empty();
    int round, turn;
    for (round = 0; round < rounds; round++) {
        double floor = subject_loop(&empty, empty.calls);
        for (turn = 0; turn < count; turn++) {
            struct entry *entry = &entries[(round + turn) % count];
            long calls = quick ? entry->subject.calls / 4 : entry->subject.calls;
            rounds_add(&entry->cost, subject_loop(&entry->subject, calls) - floor);
            subject_settle(&entry->subject);
        }
    }
    for (turn = 0; turn < count; turn++) {
        print_rounds(entries[turn].name, "ns", &entries[turn].cost);
    }
}

/* A port where connections are taken by the system and nobody ever reads. */
static int deaf_socket(char *endpoint, size_t room)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    EXPECT(listen(listener, 8) == 0 && getsockname(listener, (struct sockaddr *)&address, &len) == 0);
    snprintf(endpoint, room, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    return listener;
}

static void states(const struct asked *asked, const struct large_event *large)
{
    enum { PLAIN, RULES, MATCHING, OFF_JSON, OFF_FIELDS, FULL, CONTEXT, ENTRIES };
    static struct entry entries[ENTRIES];
    mona_client *plain = client_with("endpoint", "null:", NULL);
    mona_client *rules = client_with("endpoint", "null:", "drop_fields",
                                     "email,phone,address,session_*,token,password,ip,cookie,device_*,note", NULL);
    mona_client *matching = client_with("endpoint", "null:", "drop_fields",
                                        "email,phone,address,session_*,token,password,ip,cookie,country,label",
                                        NULL);
    mona_client *off = client_with("endpoint", "null:", NULL);
    mona_client *full;
    char endpoint[40];
    int listener = deaf_socket(endpoint, sizeof endpoint), i;

    full = client_with("endpoint", endpoint, NULL);
    entries[PLAIN].name = "typed.unfiltered.ns";
    entries[PLAIN].subject = subject_typed(plain);
    entries[RULES].name = "typed.ten_drop_rules.ns";
    entries[RULES].subject = subject_typed(rules);
    entries[MATCHING].name = "typed.ten_drop_rules_two_match.ns";
    entries[MATCHING].subject = subject_typed(matching);
    entries[OFF_JSON].name = "disabled.json.ns";
    entries[OFF_JSON].subject = subject_json(off);
    entries[OFF_JSON].subject.calls = 4000000;
    entries[OFF_FIELDS].name = "disabled.fields.ns";
    entries[OFF_FIELDS].subject = subject_large_typed(off, large);
    entries[OFF_FIELDS].subject.call = call_fields;
    entries[OFF_FIELDS].subject.calls = 4000000;
    entries[FULL].name = "typed.full_queue.ns";
    entries[FULL].subject = subject_typed(full);
    entries[CONTEXT].name = "context.open_close.ns";
    entries[CONTEXT].subject = subject_typed(plain);
    entries[CONTEXT].subject.call = call_context;
    entries[CONTEXT].subject.calls = 100000;
    EXPECT(mona_client_set_disabled(off, 1) == MONA_OK);
    for (i = 0; i < ENTRIES; i++) {
        (void)subject_loop(&entries[i].subject, 100000);
        subject_settle(&entries[i].subject);
    }
    /* A flush of the full queue waits for nothing that will come. */
    entries[FULL].subject.target.client = NULL;

    take_turns(entries, ENTRIES, asked->quick ? 3 : 11, asked->quick);
    print_ratio("filter.ten_drop_rules.ratio", &entries[RULES].cost, &entries[PLAIN].cost);
    EXPECT(subject_refused() == 0);
    EXPECT(stats_of(full).dropped_queue_full > 0);
    EXPECT(stats_of(matching).skipped_filtered == 0);
    EXPECT(mona_client_close(full, 0) == MONA_E_TIMEOUT);
    EXPECT(mona_client_close(plain, 5000) == MONA_OK);
    EXPECT(mona_client_close(rules, 5000) == MONA_OK);
    EXPECT(mona_client_close(matching, 5000) == MONA_OK);
    close(listener);
}

struct runner {
    struct subject subject;
    int number;
    long calls;
    pthread_barrier_t *start;
    double begun, ended;
    long refused;
};

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

/* Calls a second of so many threads, each in a context of its own; without a client, of empty calls. */
static double rate(mona_client *client, int threads, long calls)
{
    struct runner runners[2];
    pthread_t ids[2];
    pthread_barrier_t start;
    double begun, ended;
    int i;
    EXPECT(threads <= 2 && pthread_barrier_init(&start, NULL, (unsigned)threads) == 0);
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
    if (client != NULL) {
        (void)mona_client_flush(client, 1000);
    }
    return (double)threads * (double)calls / (ended - begun) * 1e3;
}

static void two_threads(const struct asked *asked)
{
    static struct rounds one, two, empty_one, empty_two;
    mona_client *client = client_with("endpoint", "null:", NULL);
    long calls = asked->quick ? 200000 : 600000;
    int rounds = asked->quick ? 3 : 15, round;
    for (round = 0; round < rounds; round++) {
        rounds_add(&empty_one, rate(NULL, 1, 20 * calls));
        rounds_add(&empty_two, rate(NULL, 2, 20 * calls));
        if (round % 2 == 0) {
            rounds_add(&one, rate(client, 1, calls));
            rounds_add(&two, rate(client, 2, calls));
        } else {
            rounds_add(&two, rate(client, 2, calls));
            rounds_add(&one, rate(client, 1, calls));
        }
    }
    print_rounds("threads.one.rate", "million/s", &one);
    print_rounds("threads.two.rate", "million/s", &two);
    print_ratio("threads.two_to_one.ratio", &two, &one);
    print_ratio("threads.machine.ratio", &empty_two, &empty_one);
    EXPECT(mona_client_close(client, 5000) == MONA_OK);
}

int main(int argc, char **argv)
{
    static struct large_event large;
    struct asked asked = ask(argc, argv);
    large_event_make(&large);
    states(&asked, &large);
    two_threads(&asked);
    return 0;
}
