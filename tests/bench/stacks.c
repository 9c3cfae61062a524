/*
 * What the context of a task costs above a handle: exports of the typical event through either, in turns; and the moves of
 * a stack, two for each main context and each part of one: enter and leave.
 */
#include "pair.h"
#include "timing.h"

enum { TYPED, JSON, STACK, SUBJECTS = STACK + STACK_CALLS };

static const char *const NAMES[SUBJECTS] = { "typed", "json", "stack_typed", "stack_json", "stack_main", "stack_sub" };

static struct subject make(int what)
{
    mona_client *client = client_with("endpoint", "null:", NULL);
    switch (what) {
    case TYPED:
        return subject_typed(client);
    case JSON:
        return subject_json(client);
    default:
        return subject_stack(client, (enum stack_call)(what - STACK));
    }
}

int main(int argc, char **argv)
{
    static struct pair cost[SUBJECTS];
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 5 : 21, round, turn;
    if (asked.turn != NULL) {
        int what = place_of(asked.turn[0], NAMES, SUBJECTS);
        struct subject subject = make(what);
        struct timed times = timed(CLOSED, &subject, 0);
        if (what >= STACK + STACK_MAIN) {
            times.at[TYPICAL] /= 2;
        }
        apart_answer(&times.at[TYPICAL], 1);
        return 0;
    }
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < SUBJECTS; turn++) {
            int at = (round + turn) % SUBJECTS;
            const char *words[] = { NAMES[at], NULL };
            /* A base may be older than stacks are. */
            pair_turn_of_peer(&asked, words, &cost[at], 1);
        }
    }
    print_pair("stack_typed.call.ns", "ns", &cost[STACK + STACK_TYPED]);
    print_pair("stack_json.call.ns", "ns", &cost[STACK + STACK_JSON]);
    print_pair("stack_main.move.ns", "ns", &cost[STACK + STACK_MAIN]);
    print_pair("stack_sub.move.ns", "ns", &cost[STACK + STACK_SUB]);
    print_ratio("stack_typed.to_typed.call.ratio", &cost[STACK + STACK_TYPED].ours, &cost[TYPED].ours);
    print_ratio("stack_json.to_json.call.ratio", &cost[STACK + STACK_JSON].ours, &cost[JSON].ours);
    return 0;
}
