/*
 * What the library's own threads take for an event over HTTP, where they write JSON: with values that change from
 * event to event, and with floats of 17 digits.
 */
#include "e2e.h"

int main(int argc, char **argv)
{
    enum { FIGURES = 2 };
    static const char *const values[FIGURES] = { "changing", "digits" };
    static const char *const names[FIGURES] = { "http.changing.cpu_per_event.ns", "http.digits.cpu_per_event.ns" };
    static struct pair found[FIGURES][SENT];
    struct load loads[FIGURES];
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 5 : 21, round, at;
    struct receiver to;
    if (asked.turn != NULL) {
        load_take(&asked);
        return 0;
    }
    to = start_sink(HTTP, &plain, NULL);
    for (at = 0; at < FIGURES; at++) {
        load_make(&loads[at], "http", &to, COMPARED_EVENTS, "0", values[at], NULL);
    }
    for (round = 0; round < rounds; round++) {
        for (at = 0; at < FIGURES; at++) {
            pair_turn(&asked, round, loads[at].words, found[at], SENT);
        }
    }
    stop(&to);
    for (at = 0; at < FIGURES; at++) {
        print_pair(names[at], "ns", &found[at][CPU_PER_EVENT]);
    }
    return 0;
}
