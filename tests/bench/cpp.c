/*
 * What mona.hpp costs above the macros of mona.h: the typical event, and opening and closing a context, by both in
 * turns.
 */
#include "pair.h"
#include "timing.h"

enum { TYPED, CPP_TYPED, CONTEXT, CPP_CONTEXT, SUBJECTS };

static const char *const NAMES[SUBJECTS] = { "typed", "cpp_typed", "context", "cpp_context" };

static struct subject make(int what)
{
    mona_client *client = client_with("endpoint", "null:", NULL);
    switch (what) {
    case TYPED:
        return subject_typed(client);
    case CPP_TYPED:
        return subject_cpp_typed(client);
    case CONTEXT:
        return subject_context(client);
    default:
        return subject_cpp_context(client);
    }
}

int main(int argc, char **argv)
{
    static struct pair cost[SUBJECTS];
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 5 : 21, round, turn;
    if (asked.turn != NULL) {
        struct subject subject = make(place_of(asked.turn[0], NAMES, SUBJECTS));
        struct timed times = timed(CLOSED, &subject, 0);
        apart_answer(&times.at[TYPICAL], 1);
        return 0;
    }
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < SUBJECTS; turn++) {
            int at = (round + turn) % SUBJECTS;
            const char *words[] = { NAMES[at], NULL };
            pair_turn(&asked, round, words, &cost[at], 1);
        }
    }
    /* The macros and the context in C are printed by the program `calls` and `states`. */
    print_pair("cpp_typed.call.ns", "ns", &cost[CPP_TYPED]);
    print_pair("cpp_context.call.ns", "ns", &cost[CPP_CONTEXT]);
    print_ratio("cpp_typed.to_typed.call.ratio", &cost[CPP_TYPED].ours, &cost[TYPED].ours);
    print_ratio("cpp_context.to_context.call.ratio", &cost[CPP_CONTEXT].ours, &cost[CONTEXT].ours);
    return 0;
}
