/*
 * What sending costs: CPU of the library's own threads per event, and events per second from the first export
 * to the last ack against a sender of ready-packed bytes, to the collector and to a receiver that does the least.
 */
#include "e2e.h"

/* Half a second and more on the collector, which builds a document of each record. */
enum { COLLECTED_EVENTS = 200000 };

/* A million events a second. Without a gap the exporting thread waits where the queue is full: nothing is
 * dropped in either. */
#define PACED_GAP_NS "1000"
#define CLOSED_GAP_NS "0"

static const char *const SCHEMES[] = { "tcp", "http" };

/* Both senders in every round, the other one first in the next. */
static void compare(const struct asked *asked, const struct receiver *to, struct message *message, size_t events,
                    int rounds, const char *const names[3])
{
    size_t chunks = (events + message->events - 1) / message->events;
    struct pair ours[SENT] = { 0 };
    struct rounds theirs = { 0, { 0 } };
    struct load load;
    double sent[SENT];
    int round, turn;
    load_make(&load, SCHEMES[to->protocol], to, chunks * message->events, CLOSED_GAP_NS, "same", NULL);
    /* Page faults and caches of a first run are nobody's. */
    send_packed(to, &plain, message, chunks / 10 + 1, NULL, sent);
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < 2; turn++) {
            if ((round + turn) % 2 == 0) {
                pair_turn(asked, round / 2, load.words, ours, SENT);
            } else {
                send_packed(to, &plain, message, chunks, NULL, sent);
                rounds_add(&theirs, sent[RATE]);
            }
        }
    }
    print_ratio(names[0], &ours[RATE].ours, &theirs);
    print_pair(names[1], "events/s", &ours[RATE]);
    print_rounds(names[2], "events/s", &theirs);
}

static void compare_all(const struct asked *asked, enum protocol protocol, struct message *message, int rounds)
{
    static const char *const names[2][2][3] = {
        { { "forward.end_to_end.ratio", "forward.end_to_end.rate", "forward.packed.rate" },
          { "forward.sink.ratio", "forward.sink.rate", "forward.sink.packed.rate" } },
        { { "http.end_to_end.ratio", "http.end_to_end.rate", "http.packed.rate" },
          { "http.sink.ratio", "http.sink.rate", "http.sink.packed.rate" } },
    };
    int is_sink;
    for (is_sink = 0; is_sink < 2; is_sink++) {
        struct receiver to =
            is_sink ? start_sink(protocol, &plain, NULL) : start_collector(protocol, asked->collector);
        compare(asked, &to, message, is_sink ? SUNK_EVENTS : COLLECTED_EVENTS, rounds, names[protocol][is_sink]);
        stop(&to);
    }
}

/* The packed sender's CPU is the floor: what the kernel takes for the same bytes. Paced, each chunk wakes the
 * sender out of its sleep, which on a virtual machine with nothing else to do costs more than the sending. */
static void background(const struct asked *asked, enum protocol protocol, struct message *message, int rounds)
{
    static const char *const names[2][3] = {
        { "background.cpu_per_event.ns", "background.paced.cpu_per_event.ns",
          "background.packed.cpu_per_event.ns" },
        { "background.http.cpu_per_event.ns", "background.http.paced.cpu_per_event.ns",
          "background.http.packed.cpu_per_event.ns" },
    };
    struct pair closed[SENT] = { 0 }, paced[SENT] = { 0 };
    struct rounds floor = { 0, { 0 } };
    struct receiver to = start_sink(protocol, &plain, NULL);
    struct load closed_load, paced_load;
    double sent[SENT];
    int round;
    load_make(&closed_load, SCHEMES[protocol], &to, SUNK_EVENTS, CLOSED_GAP_NS, "same", NULL);
    load_make(&paced_load, SCHEMES[protocol], &to, SUNK_EVENTS, PACED_GAP_NS, "same", NULL);
    for (round = 0; round < rounds; round++) {
        pair_turn(asked, round, closed_load.words, closed, SENT);
        pair_turn(asked, round, paced_load.words, paced, SENT);
        send_packed(&to, &plain, message, SUNK_EVENTS / message->events, NULL, sent);
        rounds_add(&floor, sent[CPU_PER_EVENT]);
    }
    stop(&to);
    print_pair(names[protocol][0], "ns", &closed[CPU_PER_EVENT]);
    print_pair(names[protocol][1], "ns", &paced[CPU_PER_EVENT]);
    print_rounds(names[protocol][2], "ns", &floor);
}

int main(int argc, char **argv)
{
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 3 : 7, protocol;
    if (asked.turn != NULL) {
        load_take(&asked);
        return 0;
    }
    EXPECT(asked.collector != NULL);
    for (protocol = FORWARD; protocol <= HTTP; protocol++) {
        struct message *message = capture(&asked, (enum protocol)protocol, "same", NULL);
        background(&asked, (enum protocol)protocol, message, rounds);
        compare_all(&asked, (enum protocol)protocol, message, rounds);
    }
    return 0;
}
