/*
 * The typical event as JSON with each of its fields last in turn. What stands at the end of a text may be read in
 * smaller steps than what has something behind it; no order of the fields should cost more than another.
 */
#include "pair.h"
#include "subject.h"
#include "timing.h"

enum { FIELDS = TYPICAL_FIELD_COUNT };

static const char *const NAMES[FIELDS] = {
    "model", "confidence", "latency_ms", "label", "batch", "country", "is_mobile",
};
/* A turn of FIELD, which is last. */
static void take_turn(const struct asked *asked)
{
    int last = place_of(asked->turn[0], NAMES, FIELDS);
    struct subject subject = subject_last(client_with("endpoint", "null:", NULL), last);
    struct timed times;
    subject.calls = asked->quick ? 75000 : 300000;
    times = timed(CLOSED, &subject, 0);
    apart_answer(&times.at[TYPICAL], 1);
}

int main(int argc, char **argv)
{
    static struct pair cost[FIELDS];
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 5 : 15, round, turn;
    double fastest = 0, slowest = 0;
    if (asked.turn != NULL) {
        take_turn(&asked);
        return 0;
    }
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < FIELDS; turn++) {
            int field = (round + turn) % FIELDS;
            const char *words[] = { NAMES[field], NULL };
            pair_turn(&asked, round, words, &cost[field], 1);
        }
    }
    for (turn = 0; turn < FIELDS; turn++) {
        double usual = rounds_median(&cost[turn].ours);
        char name[64];
        snprintf(name, sizeof name, "json.last_%s.call.ns", NAMES[turn]);
        print_pair(name, "ns", &cost[turn]);
        slowest = turn == 0 || usual > slowest ? usual : slowest;
        fastest = turn == 0 || usual < fastest ? usual : fastest;
    }
    /* Of medians: the slowest of seven in one round is as often the one that was disturbed. */
    print_once("json.last_field.slowest_to_fastest.ratio", "x", slowest / fastest);
    return 0;
}
