/*
 * What the library's own threads take for an event as a log record of OTLP, in protobuf and in its JSON form, beside
 * Forward and records over HTTP in the same run: full chunks, values that change from event to event.
 */
#include "e2e.h"

enum { FIGURES = 4 };

int main(int argc, char **argv)
{
    static const char *const schemes[FIGURES] = { "otlp+http", "otlp+http", "tcp", "http" };
    static const char *const as_json[] = { "otlp_encoding", "json", NULL };
    static const char *const names[FIGURES] = { "otlp.cpu_per_event.ns", "otlp.json.cpu_per_event.ns",
                                                "otlp.beside.forward.cpu_per_event.ns",
                                                "otlp.beside.http.cpu_per_event.ns" };
    static struct pair found[FIGURES][SENT];
    struct load loads[FIGURES];
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 5 : 21, round, at;
    struct receiver forward, http;
    if (asked.turn != NULL) {
        load_take(&asked);
        return 0;
    }
    forward = start_sink(FORWARD, &plain, NULL);
    http = start_sink(HTTP, &plain, NULL);
    for (at = 0; at < FIGURES; at++) {
        load_make(&loads[at], schemes[at], strcmp(schemes[at], "tcp") == 0 ? &forward : &http, COMPARED_EVENTS, "0",
                  "changing", at == 1 ? as_json : NULL);
    }
    for (round = 0; round < rounds; round++) {
        for (at = 0; at < FIGURES; at++) {
            pair_turn(&asked, round, loads[at].words, found[at], SENT);
        }
    }
    stop(&forward);
    stop(&http);
    for (at = 0; at < FIGURES; at++) {
        print_pair(names[at], "ns", &found[at][CPU_PER_EVENT]);
    }
    return 0;
}
