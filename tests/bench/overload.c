/*
 * The memory taken while events come faster than they go, above what the queue may hold: small events of one size
 * from two threads, and events of all sizes from many, by the most that the system says was resident.
 */
#include "loopback.h"
#include "pair.h"
#include "subject.h"

#include <math.h>
#include <pthread.h>
#include <unistd.h>

enum {
    QUEUE_BYTES = 8 << 20,
    SMALL_EVENTS = 600000,
    /* Seven gigabytes: what is lost between pieces of all sizes grows for as long as they come and go. */
    MIXED_EVENTS = 400000,
    LEAST_TEXT = 10,
    MOST_TEXT = 164000,
    MOST_THREADS = 64
};

static const char *const LISTENING[] = { "nobody", "unread" };
static const char *const SIZES[] = { "small", "mixed" };

struct flood {
    mona_context *context;
    /* Its own numbers, the same in every turn. */
    uint64_t random;
    int events;
    int is_mixed;
};

/* As many texts from 10 to 100 bytes as from 100 to 1000, and so on. */
static size_t next_length(uint64_t *random)
{
    double share;
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    share = (double)(*random >> 11) / 9007199254740992.0;
    return (size_t)(LEAST_TEXT * pow((double)MOST_TEXT / LEAST_TEXT, share));
}

static void *flood(void *argument)
{
    static const char text[MOST_TEXT + 1];
    struct flood *flood = argument;
    int n;
    for (n = 0; n < flood->events; n++) {
        if (flood->is_mixed) {
            mona_field field = MONA_STR("text", "");
            field.value.text.ptr = text;
            field.value.text.len = next_length(&flood->random);
            EXPECT(mona_context_export_fields(flood->context, &field, 1, MONA_NOW) == MONA_OK);
        } else {
            EXPECT(MONA_EXPORT(flood->context, TYPICAL_FIELDS(0.97, 12.5, n)) == MONA_OK);
        }
    }
    return NULL;
}

/* Bytes above the start and the queue, while so many threads export as fast as they can. */
static double most_over_queue(int listens, int is_mixed, int threads)
{
    struct flood floods[MOST_THREADS];
    pthread_t ids[MOST_THREADS];
    mona_client *client;
    mona_context *context;
    char address[ADDRESS_ROOM], endpoint[ADDRESS_ROOM + 8], queue[16];
    double start = memory_mb(MOST_RESIDENT);
    /* Bound in both cases, so that nobody else gets the port; only who listens is connected to. */
    int n, socket_here = loopback_socket(listens ? 8 : 0, address);
    EXPECT(threads > 0 && threads <= MOST_THREADS);
    snprintf(endpoint, sizeof endpoint, "tcp://%s", address);
    snprintf(queue, sizeof queue, "%d", QUEUE_BYTES);
    client = client_with("endpoint", endpoint, "queue_bytes", queue, NULL);
    context = context_of(client);
    for (n = 0; n < threads; n++) {
        floods[n].context = context;
        floods[n].random = (uint64_t)n + 1;
        floods[n].events = is_mixed ? MIXED_EVENTS / threads : SMALL_EVENTS;
        floods[n].is_mixed = is_mixed;
        EXPECT(pthread_create(&ids[n], NULL, flood, &floods[n]) == 0);
    }
    for (n = 0; n < threads; n++) {
        EXPECT(pthread_join(ids[n], NULL) == 0);
    }
    EXPECT(stats_of(client).dropped_queue_full > 0);
    MONA_IGNORE(mona_client_close(client, 0));
    close(socket_here);
    return memory_mb(MOST_RESIDENT) - start - QUEUE_BYTES / 1e6;
}

/* A turn of LISTENING SIZES THREADS, in MB. */
static void take_turn(const struct asked *asked)
{
    int listens = place_of(asked->turn[0], LISTENING, 2), is_mixed = place_of(asked->turn[1], SIZES, 2);
    double found = most_over_queue(listens, is_mixed, asked->turn[2] == NULL ? 1 : atoi(asked->turn[2]));
    apart_answer(&found, 1);
}

int main(int argc, char **argv)
{
    enum { FIGURES = 5 };
    static const struct {
        const char *name;
        const char *words[4];
    } figures[FIGURES] = {
        { "overload.unread.over_queue.mb", { "unread", "small", "2", NULL } },
        { "overload.nobody.over_queue.mb", { "nobody", "small", "2", NULL } },
        { "overload.mixed_4_threads.over_queue.mb", { "nobody", "mixed", "4", NULL } },
        { "overload.mixed_16_threads.over_queue.mb", { "nobody", "mixed", "16", NULL } },
        { "overload.mixed_64_threads.over_queue.mb", { "nobody", "mixed", "64", NULL } },
    };
    static struct pair found[FIGURES];
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 1 : 7, round, turn;
    if (asked.turn != NULL) {
        take_turn(&asked);
        return 0;
    }
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < FIGURES; turn++) {
            pair_turn(&asked, round, figures[turn].words, &found[turn], 1);
        }
    }
    for (turn = 0; turn < FIGURES; turn++) {
        print_pair(figures[turn].name, "MB", &found[turn]);
    }
    return 0;
}
