/*
 * Measuring in a process of its own, a new one for each turn. In one process the peers' use of the heap makes
 * each other slower, and how a peer's threads happen to fall into step stays for as long as they live: a new
 * process for every turn gives each subject a clean heap and the median over the rounds its usual step. It also
 * lets the turns of one run be taken by two libraries.
 *
 * A turn is this program started once more, with the words of the turn at the end of its command line:
 * `calls --peers FILE --turn closed typed 100000`. It writes its values to standard output.
 */
#ifndef MONA_BENCH_APART_H
#define MONA_BENCH_APART_H

#include "bench.h"

#include <sys/types.h>

/* The library that the program is linked with, or the base, loaded in its place. */
enum library { OURS, BASE };

enum { MOST_WORDS = 24 };

struct apart {
    pid_t process;
    FILE *answer;
};

/* Starts a turn; several may run at once. `words` end with NULL. */
struct apart apart_start(const struct asked *asked, enum library library, const char *const *words);

/* Waits for its values. A turn that fails ends the program. */
void apart_await(struct apart *apart, double *values, int count);

/* In the process of the turn: answers. */
void apart_answer(const double *values, int count);

#endif
