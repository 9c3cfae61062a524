/*
 * Calls in other states than the plain one: switched off, with filter rules, into a full queue, and opening and
 * closing contexts. Each turn is a loop in one state.
 */
#include "loopback.h"
#include "pair.h"
#include "subject.h"

#include <unistd.h>

enum { PLAIN, RULES, MATCHING, OFF_JSON, OFF_FIELDS, FULL, CONTEXT, STATES };

/* The words of the turns and the names of their figures. */
static const char *const NAMES[STATES] = {
    "typed.unfiltered.ns", "typed.ten_drop_rules.ns", "typed.ten_drop_rules_two_match.ns",
    "disabled.json.ns",    "disabled.fields.ns",      "typed.full_queue.ns",
    "context.open_close.ns",
};

enum { WARM_UP_CALLS = 100000 };

static void call_fields(const struct target *target, long n)
{
    (void)n;
    EXPECT(mona_context_export_fields(target->context, target->large->fields, 7, MONA_NOW) == MONA_OK);
}

static struct subject make(int state, const char *deaf_address, const struct large_event *large)
{
    static const char none[] = "email,phone,address,session_*,token,password,ip,cookie,device_*,note";
    static const char two[] = "email,phone,address,session_*,token,password,ip,cookie,country,label";
    const char *rules = state == RULES ? none : state == MATCHING ? two : "";
    char deaf[ADDRESS_ROOM + 8];
    struct subject subject;
    mona_client *client;
    snprintf(deaf, sizeof deaf, "tcp://%s", deaf_address);
    client = client_with("endpoint", state == FULL ? deaf : "null:", "drop_fields", rules, NULL);
    switch (state) {
    case OFF_JSON:
        subject = subject_json(client);
        subject.calls = 4000000;
        break;
    case OFF_FIELDS:
        subject = subject_large_typed(client, large);
        subject.call = call_fields;
        subject.calls = 4000000;
        break;
    case CONTEXT:
        return subject_context(client);
    default:
        return subject_typed(client);
    }
    EXPECT(mona_client_set_disabled(client, 1) == MONA_OK);
    return subject;
}

static void take_turn(const struct asked *asked, const struct large_event *large)
{
    int state = place_of(asked->turn[0], NAMES, STATES);
    char address[ADDRESS_ROOM];
    /* Connections are taken by the system and nobody ever reads. */
    int listener = loopback_socket(8, address);
    struct subject subject = make(state, address, large), empty = subject_empty();
    mona_client *client = subject.target.client;
    long calls = asked->quick ? subject.calls / 4 : subject.calls;
    double floor, cost;
    if (state == FULL) {
        /* A flush of the full queue waits for nothing that will come. */
        subject.target.client = NULL;
    }
    (void)subject_loop(&subject, WARM_UP_CALLS);
    subject_settle(&subject);
    floor = subject_loop(&empty, empty.calls);
    cost = subject_loop(&subject, calls) - floor;
    EXPECT(subject_refused() == 0);
    if (state == FULL) {
        EXPECT(stats_of(client).dropped_queue_full > 0);
        EXPECT(mona_client_close(client, 0) == MONA_E_TIMEOUT);
    } else {
        EXPECT(stats_of(client).skipped_filtered == 0);
        EXPECT(mona_client_close(client, 5000) == MONA_OK);
    }
    close(listener);
    apart_answer(&cost, 1);
}

int main(int argc, char **argv)
{
    static struct large_event large;
    static struct pair cost[STATES];
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 3 : 11, round, turn;
    large_event_make(&large);
    if (asked.turn != NULL) {
        take_turn(&asked, &large);
        return 0;
    }
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < STATES; turn++) {
            int state = (round + turn) % STATES;
            const char *words[] = { NAMES[state], NULL };
            pair_turn(&asked, round, words, &cost[state], 1);
        }
    }
    for (turn = 0; turn < STATES; turn++) {
        print_pair(NAMES[turn], "ns", &cost[turn]);
    }
    print_ratio("filter.ten_drop_rules.ratio", &cost[RULES].ours, &cost[PLAIN].ours);
    return 0;
}
