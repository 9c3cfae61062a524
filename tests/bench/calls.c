/*
 * What a call costs its caller: in a closed loop, with a gap of 2 us between calls, and with cold caches;
 * the typical and the large event, against the peers. The subjects take turns in every round, and each
 * round begins with another one.
 */
#include "apart.h"

enum {
    TYPED,
    JSON,
    SPDLOG,
    IGNORED,
    VALUE,
    LARGE_TYPED,
    LARGE_JSON,
    LARGE_IGNORED,
    LARGE_VALUE,
    SUBJECTS,
    TYPICAL_SUBJECTS = LARGE_TYPED
};

static const char *const NAMES[SUBJECTS] = {
    "typed", "json", "spdlog", "ignored_any", "value",
    "large_typed", "large_json", "large_ignored_any", "large_value",
};

enum {
    /* Enough for fifty samples above p99.9. */
    PACED_CALLS = 50000,
    COLD_CALLS = 40
};

static struct asked asked;
static struct large_event large;
static int is_there[SUBJECTS];

/* A column of figures: one value of a way of timing for each subject. */
typedef struct rounds column[SUBJECTS];

static struct subject make(int what)
{
    switch (what) {
    case SPDLOG:
        return subject_spdlog(asked.spdlog);
    case IGNORED:
        return subject_ignored(asked.peers, NULL);
    case VALUE:
        return subject_value(asked.peers, NULL);
    case LARGE_IGNORED:
        return subject_ignored(asked.peers, &large);
    case LARGE_VALUE:
        return subject_value(asked.peers, &large);
    default:
        break;
    }
    {
        mona_client *client = client_with("endpoint", "null:", NULL);
        switch (what) {
        case TYPED:
            return subject_typed(client);
        case JSON:
            return subject_json(client);
        case LARGE_TYPED:
            return subject_large_typed(client, &large);
        default:
            return subject_large_json(client, &large);
        }
    }
}

static void print_column(column values, const char *what, const char *unit)
{
    char name[80];
    int at;
    for (at = 0; at < SUBJECTS; at++) {
        if (values[at].count > 0) {
            snprintf(name, sizeof name, "%s.%s", NAMES[at], what);
            print_rounds(name, unit, &values[at]);
        }
    }
}

/* How much of the peer's time a call takes, or how often it fits into it. */
static void print_against(column values, const char *word, int subject, int peer, const char *what)
{
    char name[120];
    snprintf(name, sizeof name, "%s.%s_%s.%s", NAMES[subject], word, NAMES[peer], what);
    if (!is_there[peer]) {
        print_missing(name, "that peer could not be built here");
    } else if (strcmp(word, "to") == 0) {
        print_ratio(name, &values[subject], &values[peer]);
    } else {
        print_ratio(name, &values[peer], &values[subject]);
    }
}

static void print_typical_ratios(column values, const char *what)
{
    print_against(values, "to", TYPED, IGNORED, what);
    print_against(values, "to", JSON, IGNORED, what);
    print_against(values, "faster_than", TYPED, SPDLOG, what);
    print_against(values, "faster_than", JSON, SPDLOG, what);
    print_against(values, "faster_than", TYPED, VALUE, what);
    print_against(values, "faster_than", JSON, VALUE, what);
}

static void closed(int rounds)
{
    static column cost, floor;
    int round, turn;
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < SUBJECTS; turn++) {
            int at = (round + turn) % SUBJECTS;
            if (is_there[at]) {
                struct timed timed = timed_apart(make, at, CLOSED, 0);
                rounds_add(&cost[at], timed.typical);
                rounds_add(&floor[at], timed.floor);
            }
        }
    }
    print_rounds("empty.call.ns", "ns", &floor[TYPED]);
    print_column(cost, "call.ns", "ns");
    print_typical_ratios(cost, "call.ratio");
    print_against(cost, "to", LARGE_TYPED, LARGE_IGNORED, "call.ratio");
    print_against(cost, "to", LARGE_JSON, LARGE_IGNORED, "call.ratio");
}

static void paced(int rounds, long calls)
{
    static column typical, floor, p99, p999, most;
    int round, turn;
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < TYPICAL_SUBJECTS; turn++) {
            int at = (round + turn) % TYPICAL_SUBJECTS;
            if (is_there[at]) {
                struct timed timed = timed_apart(make, at, PACED, calls);
                rounds_add(&typical[at], timed.typical);
                rounds_add(&floor[at], timed.floor);
                rounds_add(&p99[at], timed.p99);
                rounds_add(&p999[at], timed.p999);
                rounds_add(&most[at], timed.most);
            }
        }
    }
    print_rounds("clock.paced.ns", "ns", &floor[TYPED]);
    print_column(typical, "paced.p50.ns", "ns");
    print_column(p99, "paced.p99_raw.ns", "ns");
    print_column(p999, "paced.p999_raw.ns", "ns");
    print_column(most, "paced.max_raw.ns", "ns");
    print_typical_ratios(typical, "paced.ratio");
}

static void cold(int rounds, long calls)
{
    static column cost;
    int round, turn;
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < TYPICAL_SUBJECTS; turn++) {
            int at = (round + turn) % TYPICAL_SUBJECTS;
            if (is_there[at]) {
                rounds_add(&cost[at], timed_apart(make, at, COLD, calls).typical);
            }
        }
    }
    print_column(cost, "cold.p50_raw.ns", "ns");
}

int main(int argc, char **argv)
{
    int at;
    asked = ask(argc, argv);
    large_event_make(&large);
    print_once("large_event.json.bytes", "bytes", (double)large.json_len);
    for (at = 0; at < SUBJECTS; at++) {
        int needs_peers = at == IGNORED || at == VALUE || at == LARGE_IGNORED || at == LARGE_VALUE;
        is_there[at] = (!needs_peers || asked.peers != NULL) && (at != SPDLOG || asked.spdlog != NULL);
    }
    closed(asked.quick ? 5 : 21);
    paced(asked.quick ? 3 : 15, asked.quick ? PACED_CALLS / 5 : PACED_CALLS);
    cold(asked.quick ? 1 : 7, asked.quick ? COLD_CALLS / 4 : COLD_CALLS);
    return 0;
}
