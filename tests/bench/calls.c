/*
 * What a call costs its caller: in a closed loop, with a gap of 2 us between calls, and with cold caches;
 * the typical and the large event, against the peers. The subjects take turns in every round, and each
 * round begins with another one.
 */
#include "pair.h"
#include "timing.h"

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

static const char *const WAYS[] = { "closed", "paced", "cold" };

static struct asked asked;
static struct large_event large;
static int is_there[SUBJECTS];

/* The figures of a way of timing. */
typedef struct pair table[SUBJECTS][MEASURES];

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

static void take_turn(void)
{
    int way = place_of(asked.turn[0], WAYS, (int)(sizeof WAYS / sizeof *WAYS));
    int what = place_of(asked.turn[1], NAMES, SUBJECTS);
    struct subject subject = make(what);
    struct timed times =
        timed((enum way)way, &subject, asked.turn[2] == NULL ? 0 : strtol(asked.turn[2], NULL, 10));
    apart_answer(times.at, MEASURES);
}

static int is_mona(int what)
{
    return what == TYPED || what == JSON || what == LARGE_TYPED || what == LARGE_JSON;
}

/* All subjects up to `count`, in every round another one first. */
static void measure(enum way way, int count, int rounds, long calls, table found)
{
    char number[24];
    int round, turn;
    snprintf(number, sizeof number, "%ld", calls);
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < count; turn++) {
            int at = (round + turn) % count;
            const char *words[] = { WAYS[way], NAMES[at], number, NULL };
            if (is_there[at] && is_mona(at)) {
                pair_turn(&asked, round, words, found[at], MEASURES);
            } else if (is_there[at]) {
                pair_turn_of_peer(&asked, words, found[at], MEASURES);
            }
        }
    }
}

static void print_column(table found, enum measure measure, const char *what, const char *unit)
{
    char name[80];
    int at;
    for (at = 0; at < SUBJECTS; at++) {
        if (found[at][measure].ours.count > 0) {
            snprintf(name, sizeof name, "%s.%s", NAMES[at], what);
            print_pair(name, unit, &found[at][measure]);
        }
    }
}

/* How much of the peer's time a call takes, or how often it fits into it. */
static void print_against(table found, const char *word, int subject, int peer, const char *what)
{
    const struct rounds *ours = &found[subject][TYPICAL].ours, *theirs = &found[peer][TYPICAL].ours;
    char name[120];
    snprintf(name, sizeof name, "%s.%s_%s.%s", NAMES[subject], word, NAMES[peer], what);
    if (!is_there[peer]) {
        print_missing(name, "that peer could not be built here");
    } else if (strcmp(word, "to") == 0) {
        print_ratio(name, ours, theirs);
    } else {
        print_ratio(name, theirs, ours);
    }
}

static void print_typical_ratios(table found, const char *what)
{
    print_against(found, "to", TYPED, IGNORED, what);
    print_against(found, "to", JSON, IGNORED, what);
    print_against(found, "faster_than", TYPED, SPDLOG, what);
    print_against(found, "faster_than", JSON, SPDLOG, what);
    print_against(found, "faster_than", TYPED, VALUE, what);
    print_against(found, "faster_than", JSON, VALUE, what);
}

static void closed(int rounds)
{
    static table found;
    measure(CLOSED, SUBJECTS, rounds, 0, found);
    print_rounds("empty.call.ns", "ns", &found[TYPED][FLOOR].ours);
    print_column(found, TYPICAL, "call.ns", "ns");
    print_typical_ratios(found, "call.ratio");
    print_against(found, "to", LARGE_TYPED, LARGE_IGNORED, "call.ratio");
    print_against(found, "to", LARGE_JSON, LARGE_IGNORED, "call.ratio");
}

static void paced(int rounds, long calls)
{
    static table found;
    measure(PACED, TYPICAL_SUBJECTS, rounds, calls, found);
    print_rounds("clock.paced.ns", "ns", &found[TYPED][FLOOR].ours);
    print_column(found, TYPICAL, "paced.p50.ns", "ns");
    print_column(found, P99, "paced.p99_raw.ns", "ns");
    print_column(found, P999, "paced.p999_raw.ns", "ns");
    print_column(found, MOST, "paced.max_raw.ns", "ns");
    print_typical_ratios(found, "paced.ratio");
}

static void cold(int rounds, long calls)
{
    static table found;
    measure(COLD, TYPICAL_SUBJECTS, rounds, calls, found);
    print_column(found, TYPICAL, "cold.p50_raw.ns", "ns");
}

int main(int argc, char **argv)
{
    int at;
    asked = ask(argc, argv);
    large_event_make(&large);
    if (asked.turn != NULL) {
        take_turn();
        return 0;
    }
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
