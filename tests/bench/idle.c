/*
 * What a client costs while nothing is exported: processor time of a process with an idle client above that
 * of one that only sleeps, both at the same time. Connected: to a collector that stays and takes no acks.
 */
#include "apart.h"
#include "loopback.h"
#include "subject.h"

#include <unistd.h>

enum kind { SLEEPING, NULL_ENDPOINT, CONNECTED, BASE_CONNECTED, KINDS };

static const char *const NAMES[KINDS] = { "sleeping", "null", "connected", "connected" };

static double cpu_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

/* Milliseconds of processor time a second, once the client has settled down. */
static double idle(enum kind kind, const char *endpoint, long seconds)
{
    double before;
    if (kind != SLEEPING) {
        mona_client *client =
            client_with("endpoint", kind == CONNECTED ? endpoint : "null:", "ack", "false", NULL);
        EXPECT(MONA_EXPORT(context_of(client), TYPICAL_FIELDS(0.97, 12.5, 32)) == MONA_OK);
        EXPECT(mona_client_flush(client, 5000) == MONA_OK);
    }
    sleep_ms(2000);
    before = cpu_ms();
    sleep_ms(seconds * 1000);
    return (cpu_ms() - before) / (double)seconds;
}

/* A turn of KIND ENDPOINT SECONDS. */
static void take_turn(const struct asked *asked)
{
    int kind = place_of(asked->turn[0], NAMES, KINDS);
    double used = idle((enum kind)kind, asked->turn[1], strtol(asked->turn[2], NULL, 10));
    apart_answer(&used, 1);
}

/* Several processes of each kind, all at the same time. */
static void measure(const struct asked *asked, const char *endpoint, int kinds, struct rounds *found)
{
    enum { AT_ONCE = 4 };
    struct apart turns[KINDS * AT_ONCE];
    int at;
    for (at = 0; at < kinds * AT_ONCE; at++) {
        int kind = at % kinds;
        const char *words[] = { NAMES[kind], endpoint, asked->quick ? "2" : "8", NULL };
        turns[at] = apart_start(asked, kind == BASE_CONNECTED ? BASE : OURS, words);
    }
    for (at = 0; at < kinds * AT_ONCE; at++) {
        double value;
        apart_await(&turns[at], &value, 1);
        rounds_add(&found[at % kinds], value);
    }
}

int main(int argc, char **argv)
{
    static struct rounds found[KINDS];
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 1 : 2, kinds = asked.base == NULL ? BASE_CONNECTED : KINDS, listener, kind, n;
    char address[ADDRESS_ROOM], endpoint[ADDRESS_ROOM + 8];
    if (asked.turn != NULL) {
        take_turn(&asked);
        return 0;
    }
    /* Connections stay in the backlog and what little comes stays in their buffers. */
    listener = loopback_socket(64, address);
    snprintf(endpoint, sizeof endpoint, "tcp://%s", address);
    while (rounds-- > 0) {
        measure(&asked, endpoint, kinds, found);
    }
    for (kind = NULL_ENDPOINT; kind < kinds; kind++) {
        for (n = 0; n < found[kind].count; n++) {
            found[kind].value[n] -= rounds_median(&found[SLEEPING]);
        }
    }
    print_rounds("idle.sleeping.ms_per_s", "ms/s", &found[SLEEPING]);
    print_rounds("idle.null.ms_per_s", "ms/s", &found[NULL_ENDPOINT]);
    print_rounds("idle.connected.ms_per_s", "ms/s", &found[CONNECTED]);
    if (asked.base != NULL) {
        print_rounds("base.idle.connected.ms_per_s", "ms/s", &found[BASE_CONNECTED]);
        print_once("above_base.idle.connected.ms_per_s", "ms/s",
                   rounds_median(&found[CONNECTED]) - rounds_median(&found[BASE_CONNECTED]));
    }
    close(listener);
    return 0;
}
