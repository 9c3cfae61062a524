/*
 * What sending over TLS takes: CPU of the library's own threads per event, against a sender of ready-packed bytes
 * over OpenSSL with the same cipher, and without TLS. The receiver, another process, is the same for both.
 */
#include "e2e.h"
#include "tls_stream.h"

#include <unistd.h>

static char authority_file[] = "/tmp/mona-bench-ca-XXXXXX";

static void remove_authority_file(void)
{
    (void)unlink(authority_file);
}

enum { OURS_TLS, OURS_PLAIN, LOADS };

static void measure(const struct asked *asked, int rounds)
{
    static struct pair ours[LOADS][SENT];
    static struct rounds theirs;
    const char *options[] = { "ca_file", authority_file, NULL };
    struct message *message = capture(asked, FORWARD, "changing", NULL);
    struct receiver safe = start_sink(FORWARD, &tls, NULL), open = start_sink(FORWARD, &plain, NULL);
    struct load loads[LOADS];
    double sent[SENT];
    int round, turn;
    load_make(&loads[OURS_TLS], "tls", &safe, COMPARED_EVENTS, "0", "changing", options);
    load_make(&loads[OURS_PLAIN], "tcp", &open, COMPARED_EVENTS, "0", "changing", NULL);
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < LOADS; turn++) {
            pair_turn(asked, round, loads[turn].words, ours[turn], SENT);
        }
        send_packed(&safe, &tls, message, COMPARED_EVENTS / message->events, NULL, sent);
        rounds_add(&theirs, sent[CPU_PER_EVENT]);
    }
    stop(&safe);
    stop(&open);
    print_pair("tls.cpu_per_event.ns", "ns", &ours[OURS_TLS][CPU_PER_EVENT]);
    print_pair("tls.without.cpu_per_event.ns", "ns", &ours[OURS_PLAIN][CPU_PER_EVENT]);
    print_rounds("tls.openssl.cpu_per_event.ns", "ns", &theirs);
    print_ratio("tls.to_openssl.cpu.ratio", &ours[OURS_TLS][CPU_PER_EVENT].ours, &theirs);
}

int main(int argc, char **argv)
{
    struct asked asked = ask(argc, argv);
    int made;
    if (asked.turn != NULL) {
        load_take(&asked);
        return 0;
    }
    made = mkstemp(authority_file);
    EXPECT(made >= 0 && close(made) == 0 && atexit(remove_authority_file) == 0);
    tls_prepare(authority_file);
    measure(&asked, asked.quick ? 5 : 21);
    return 0;
}
