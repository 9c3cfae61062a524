/*
 * What sending costs: CPU of the library's own thread per event, events per second from the first export
 * to the last ack against a sender of ready-packed bytes, and CPU while idle.
 *
 *     end_to_end COLLECTOR [ROUNDS]
 *
 * COLLECTOR is the path of mona-collector, a release build. Each figure is a line
 *     bench name=forward.end_to_end.ratio value=0.93 low=0.90 high=0.96 unit=x rounds=7
 * with the median of the rounds and their extremes. Both senders of a ratio run in each round, one after
 * the other, in turns first.
 */
#include "e2e.h"

enum { LEAST_ROUNDS = 3, USUAL_ROUNDS = 15, MOST_ROUNDS = 101 };
/* Idle rounds are long and hardly differ. */
enum { MOST_IDLE_ROUNDS = 7 };

/* Half a second and more on the collector, which builds a document of each record. */
enum { COLLECTED_EVENTS = 200000 };
/* As long where nothing is decoded. */
enum { SUNK_EVENTS = 1000000 };

/* A million events a second. Without a gap the exporting thread waits where the queue is full: nothing is
 * dropped in either. */
#define PACED_GAP_NS 1000.0

/* As far apart as the library's rare looks are, so that each round has one. */
#define IDLE_SECONDS 5.0

struct figure {
    const char *name, *unit;
    int count;
    double values[MOST_ROUNDS];
};

static void add(struct figure *figure, double value) { figure->values[figure->count++] = value; }

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void print(struct figure *figure)
{
    int n = figure->count;
    qsort(figure->values, (size_t)n, sizeof *figure->values, by_value);
    printf("bench name=%s value=%.4g low=%.4g high=%.4g unit=%s rounds=%d\n", figure->name,
           (figure->values[(n - 1) / 2] + figure->values[n / 2]) / 2, figure->values[0], figure->values[n - 1],
           figure->unit, n);
    fflush(stdout);
}

static double rate(struct run run) { return run.events / run.seconds; }

struct comparison {
    struct figure ratio, ours, theirs;
};

static void compare(struct comparison *figures, const struct receiver *to, struct message *message,
                    size_t events, int rounds)
{
    size_t chunks = (events + message->events - 1) / message->events;
    int round;
    /* Connections, page faults and caches of a first run are nobody's. */
    send_events(to, events / 10, 0);
    send_packed(to, message, chunks / 10);
    for (round = 0; round < rounds; round++) {
        struct run ours, theirs;
        if (round % 2 == 0) {
            ours = send_events(to, chunks * message->events, 0);
            theirs = send_packed(to, message, chunks);
        } else {
            theirs = send_packed(to, message, chunks);
            ours = send_events(to, chunks * message->events, 0);
        }
        add(&figures->ratio, rate(ours) / rate(theirs));
        add(&figures->ours, rate(ours));
        add(&figures->theirs, rate(theirs));
    }
    print(&figures->ratio);
    print(&figures->ours);
    print(&figures->theirs);
}

static void compare_all(const char *collector, enum protocol protocol, struct message *message, int rounds)
{
    static const char *const names[2][2][3] = {
        {{"forward.end_to_end.ratio", "forward.end_to_end.rate", "forward.packed.rate"},
         {"forward.sink.ratio", "forward.sink.rate", "forward.sink.packed.rate"}},
        {{"http.end_to_end.ratio", "http.end_to_end.rate", "http.packed.rate"},
         {"http.sink.ratio", "http.sink.rate", "http.sink.packed.rate"}},
    };
    int is_sink;
    for (is_sink = 0; is_sink < 2; is_sink++) {
        struct receiver to = is_sink ? start_sink(protocol, NULL) : start_collector(protocol, collector);
        const char *const *name = names[protocol][is_sink];
        struct comparison figures = {
            .ratio = {.name = name[0], .unit = "x"},
            .ours = {.name = name[1], .unit = "events/s"},
            .theirs = {.name = name[2], .unit = "events/s"},
        };
        compare(&figures, &to, message, is_sink ? SUNK_EVENTS : COLLECTED_EVENTS, rounds);
        stop(&to);
    }
}

/* The packed sender's CPU is the floor: what the kernel takes for the same bytes. Paced, each chunk wakes the
 * sender out of its sleep, which on a virtual machine with nothing else to do costs more than the sending. */
static void background(enum protocol protocol, struct message *message, int rounds)
{
    static const char *const names[2][3] = {
        {"background.cpu_per_event.ns", "background.paced.cpu_per_event.ns", "background.packed.cpu_per_event.ns"},
        {"background.http.cpu_per_event.ns", "background.http.paced.cpu_per_event.ns",
         "background.http.packed.cpu_per_event.ns"},
    };
    struct figure ours = {.name = names[protocol][0], .unit = "ns"};
    struct figure paced = {.name = names[protocol][1], .unit = "ns"};
    struct figure floor = {.name = names[protocol][2], .unit = "ns"};
    struct receiver to = start_sink(protocol, NULL);
    int round;
    for (round = 0; round < rounds; round++) {
        struct run run = send_events(&to, SUNK_EVENTS, 0);
        add(&ours, run.sender_ns / run.events);
        run = send_events(&to, SUNK_EVENTS, PACED_GAP_NS);
        add(&paced, run.sender_ns / run.events);
        run = send_packed(&to, message, SUNK_EVENTS / message->events);
        add(&floor, run.sender_ns / run.events);
    }
    print(&ours);
    print(&paced);
    print(&floor);
    stop(&to);
}

static void idle(int rounds)
{
    struct figure cpu = {.name = "idle.cpu.ms_per_s", .unit = "ms/s", .count = rounds};
    struct receiver to = start_sink(FORWARD, NULL);
    idle_cpu(&to, IDLE_SECONDS, cpu.values, rounds);
    print(&cpu);
    stop(&to);
}

int main(int argc, char **argv)
{
    int rounds = argc > 2 ? atoi(argv[2]) : USUAL_ROUNDS;
    struct message *messages[2];
    if (argc < 2 || rounds < LEAST_ROUNDS || rounds > MOST_ROUNDS) {
        fprintf(stderr, "usage: end_to_end COLLECTOR [ROUNDS from %d to %d]\n", LEAST_ROUNDS, MOST_ROUNDS);
        return 2;
    }
    messages[FORWARD] = capture(FORWARD);
    messages[HTTP] = capture(HTTP);
    background(FORWARD, messages[FORWARD], rounds);
    background(HTTP, messages[HTTP], rounds);
    compare_all(argv[1], FORWARD, messages[FORWARD], rounds);
    compare_all(argv[1], HTTP, messages[HTTP], rounds);
    idle(rounds < MOST_IDLE_ROUNDS ? rounds : MOST_IDLE_ROUNDS);
    return 0;
}
