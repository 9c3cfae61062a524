#include "pair.h"

enum { MOST_VALUES = 16, MOST_NAME = 120 };

static void take(const struct asked *asked, enum library library, const char *const *words, struct pair *pairs,
                 int count)
{
    struct apart apart = apart_start(asked, library, words);
    double values[MOST_VALUES];
    int i;
    EXPECT(count <= MOST_VALUES);
    apart_await(&apart, values, count);
    for (i = 0; i < count; i++) {
        rounds_add(library == OURS ? &pairs[i].ours : &pairs[i].base, values[i]);
    }
}

void pair_turn(const struct asked *asked, int round, const char *const *words, struct pair *pairs, int count)
{
    int side;
    for (side = 0; side < 2; side++) {
        enum library library = (round + side) % 2 == 0 ? OURS : BASE;
        if (library == OURS || asked->base != NULL) {
            take(asked, library, words, pairs, count);
        }
    }
}

void pair_turn_of_peer(const struct asked *asked, const char *const *words, struct pair *pairs, int count)
{
    take(asked, OURS, words, pairs, count);
}

void print_pair(const char *name, const char *unit, const struct pair *pair)
{
    char line[MOST_NAME];
    print_rounds(name, unit, &pair->ours);
    if (pair->base.count > 0) {
        snprintf(line, sizeof line, "base.%s", name);
        print_rounds(line, unit, &pair->base);
        snprintf(line, sizeof line, "to_base.%s", name);
        print_ratio(line, &pair->ours, &pair->base);
    }
}
