/*
 * The typical event as JSON with each of its fields last in turn. What stands at the end of a text may be read in
 * smaller steps than what has something behind it; no order of the fields should cost more than another.
 */
#include "pair.h"
#include "subject.h"
#include "timing.h"

enum { FIELDS = 7 };

static const char *const NAMES[FIELDS] = {
    "model", "confidence", "latency_ms", "label", "batch", "country", "is_mobile",
};
static const char *const VALUES[FIELDS] = {
    "\"resnet50-v3\"", "0.9731", "12.5", "\"cat\"", "32", "\"IL\"", "true",
};

/* The event with the fields in their order but for the `last`, which comes at the end. */
static void write_event(struct large_event *event, int last)
{
    char *at = event->json;
    int n;
    for (n = 0; n < FIELDS; n++) {
        int field = n == FIELDS - 1 ? last : n < last ? n : n + 1;
        at += snprintf(at, 64, "%c\"%s\":%s", n == 0 ? '{' : ',', NAMES[field], VALUES[field]);
    }
    *at++ = '}';
    event->json_len = (size_t)(at - event->json);
    EXPECT(event->json_len == TYPICAL_LEN);
}

/* A turn of FIELD, which is last. */
static void take_turn(const struct asked *asked)
{
    static struct large_event event;
    struct subject subject;
    struct timed times;
    write_event(&event, place_of(asked->turn[0], NAMES, FIELDS));
    subject = subject_large_json(client_with("endpoint", "null:", NULL), &event);
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
