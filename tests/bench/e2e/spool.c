/*
 * The spool: what a program pays while its collector is away and every event goes to the disk, what the next process
 * pays to find them, and how fast they go when the collector is back. The disk is that of the current folder.
 */
#include "../event.h"
#include "e2e.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for everything that is written here: nothing may have to go. */
#define SPOOL_BYTES "17179869184"
/* Longer than any run. */
#define PATIENCE_MS "600000"
enum { CLOSE_MS = 600000, NOW_MS = 50 };

enum { EVENTS = 5000000, QUICK_EVENTS = 1000000, DRAINED_EVENTS = 1000000 };

/* Just below 64 MiB: an event takes 163 bytes, and a fiftieth more of them come first. */
enum { RECOVERED_EVENTS = 395000 };

/* A chunk of the default size, in which the spool writes. */
enum { BLOCK = 262144 };

/* What a turn that exports answers. */
enum exported { RATE_OF_EXPORTS, CPU, RATE_OF_BYTES, BYTES, EXPORTED };
/* What a recovery answers. */
enum recovered { MS, CAT_MS, MEMORY_MB, RECOVERED };

static void export_events(mona_context *context, size_t events)
{
    size_t n;
    for (n = 0; n < events; n++) {
        EXPECT(MONA_EXPORT(context, TYPICAL_FIELDS(confidence_of((long)n), latency_of((long)n), (int64_t)n)) == MONA_OK);
    }
}

static mona_context *plain_context(mona_client *client)
{
    mona_context *context = NULL;
    EXPECT(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context) == MONA_OK);
    return context;
}

static mona_client *spool_client(const char *url, const char *directory, const char *sync, const char *circular)
{
    if (strcmp(directory, "none") == 0) {
        return client_with("endpoint", url, "queue_circular", circular, "block_timeout_ms", PATIENCE_MS, NULL);
    }
    return client_with("endpoint", url, "queue_circular", circular, "block_timeout_ms", PATIENCE_MS, "spool_dir",
                       directory, "spool_bytes", SPOOL_BYTES, "spool_sync", sync, NULL);
}

/* `export URL DIRECTORY SYNC EVENTS CIRCULAR`: as fast as they go, the exporting thread waiting where it has to. */
static void take_export(const char *const *words)
{
    size_t events = strtoul(words[4], NULL, 10);
    int has_spool = strcmp(words[2], "none") != 0;
    mona_client *client = spool_client(words[1], words[2], words[3], words[5]);
    mona_context *context = plain_context(client);
    double start, cpu, end, answer[EXPORTED];
    mona_stats stats;
    export_events(context, events / 50);
    cpu = cpu_of_other_threads();
    start = now_ns();
    export_events(context, events);
    end = now_ns();
    answer[RATE_OF_EXPORTS] = (double)events / (end - start) * 1e9;
    answer[CPU] = (cpu_of_other_threads() - cpu) / (double)events;
    stats = stats_of(client);
    answer[BYTES] = (double)stats.spooled_bytes;
    answer[RATE_OF_BYTES] = (double)stats.spooled_bytes / (end - start) * 1e9;
    EXPECT(strcmp(words[5], "true") == 0 || (stats.dropped_queue_full == 0 && stats.dropped_spool == 0));
    mona_context_free(context);
    /* Without a spool, nobody takes what is left. */
    EXPECT(mona_client_close(client, NOW_MS) == MONA_OK || !has_spool);
    if (has_spool) {
        EXPECT(stats_of(client).spooled_events == events + events / 50);
    }
    apart_answer(answer, EXPORTED);
}

/* Reads every file below, as `cat` does. */
static void cat_all(const char *path)
{
    enum { CAT_BLOCK = 131072 };
    static char block[CAT_BLOCK];
    DIR *directory = opendir(path);
    struct dirent *entry;
    EXPECT(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        char below[PATH_MAX];
        struct stat what;
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        EXPECT(stat(below, &what) == 0);
        if (S_ISDIR(what.st_mode)) {
            cat_all(below);
        } else {
            int file = open(below, O_RDONLY | O_CLOEXEC);
            EXPECT(file >= 0);
            while (read(file, block, sizeof block) > 0) {
            }
            close(file);
        }
    }
    closedir(directory);
}

/* `recover URL DIRECTORY EVENTS`: from the first call until all events of the dead process are this one's. */
static void take_recover(const char *const *words)
{
    uint64_t events = strtoull(words[3], NULL, 10);
    double start, before, answer[RECOVERED];
    mona_client *client;
    mona_context *context;
    /* Once before, so that all of it is in the page cache. */
    cat_all(words[2]);
    start = now_ns();
    cat_all(words[2]);
    answer[CAT_MS] = (now_ns() - start) / 1e6;
    before = memory_mb(RESIDENT);
    start = now_ns();
    client = spool_client(words[1], words[2], "interval", "false");
    context = plain_context(client);
    export_events(context, 1);
    while (stats_of(client).adopted_events < events) {
        usleep(100);
    }
    answer[MS] = (now_ns() - start) / 1e6;
    EXPECT(stats_of(client).adopted_events == events && stats_of(client).dropped_spool == 0);
    answer[MEMORY_MB] = memory_mb(MOST_RESIDENT) - before;
    mona_context_free(context);
    MONA_IGNORE(mona_client_close(client, 0));
    apart_answer(answer, RECOVERED);
}

/* `memory URL`: the same client without a spool, whose memory is the base. */
static void take_memory(const char *const *words)
{
    double before = memory_mb(RESIDENT), grown;
    mona_client *client = spool_client(words[1], "none", "none", "false");
    mona_context *context = plain_context(client);
    export_events(context, 1);
    sleep_ms(100);
    grown = memory_mb(MOST_RESIDENT) - before;
    mona_context_free(context);
    MONA_IGNORE(mona_client_close(client, 0));
    apart_answer(&grown, 1);
}

/* `drain URL DIRECTORY EVENTS`: from the first call until all that a dead process left is delivered. */
static void take_drain(const char *const *words)
{
    uint64_t events = strtoull(words[3], NULL, 10);
    double start = now_ns(), rate;
    mona_client *client = spool_client(words[1], words[2], "interval", "false");
    mona_context *context = plain_context(client);
    export_events(context, 1);
    /* The one event that starts it must not be what is waited for. */
    MONA_IGNORE(mona_client_flush(client, 0));
    while (stats_of(client).delivered < events + 1) {
        usleep(200);
    }
    rate = (double)events / (now_ns() - start) * 1e9;
    mona_context_free(context);
    EXPECT(mona_client_close(client, CLOSE_MS) == MONA_OK);
    EXPECT(stats_of(client).delivered == events + 1);
    apart_answer(&rate, 1);
}

/* Empties the files and sets them aside until the end: an ext4 that has just removed many is slow to make new ones. */
static void set_aside(const char *directory)
{
    static int round;
    char command[4 * PATH_MAX];
    snprintf(command, sizeof command, "find '%s' -type f -exec truncate -s 0 {} + && mv '%s' '%s.%d'", directory,
             directory, directory, round++);
    EXPECT(system(command) == 0);
}

static void remove_all(const char *directory)
{
    char command[PATH_MAX + 32];
    snprintf(command, sizeof command, "rm -rf '%s'.*", directory);
    EXPECT(system(command) == 0);
}

/* Bytes a second of a program that writes as many in the same blocks into files as long as segments. */
static double plain_files(const char *directory, double bytes)
{
    enum { SEGMENT = 4194304 };
    static char block[BLOCK];
    long blocks = (long)(bytes / BLOCK), n;
    double start, took;
    int file = -1;
    EXPECT(blocks > 0 && mkdir(directory, 0700) == 0);
    start = now_ns();
    for (n = 0; n < blocks; n++) {
        if (n % (SEGMENT / BLOCK) == 0) {
            char path[PATH_MAX + 32];
            snprintf(path, sizeof path, "%s/%ld", directory, n);
            close(file);
            file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
            EXPECT(file >= 0);
        }
        EXPECT(write(file, block, BLOCK) == BLOCK);
    }
    took = now_ns() - start;
    close(file);
    set_aside(directory);
    return (double)blocks * BLOCK / took * 1e9;
}

/* Bytes a second of dd, which writes as many in the same blocks. */
static double dd(double bytes)
{
    char command[256];
    double start, took;
    long blocks = (long)(bytes / BLOCK);
    EXPECT(blocks > 0);
    snprintf(command, sizeof command, "dd if=/dev/zero of=dd.out bs=%d count=%ld 2>/dev/null", BLOCK, blocks);
    start = now_ns();
    EXPECT(system(command) == 0);
    took = now_ns() - start;
    EXPECT(unlink("dd.out") == 0);
    return (double)blocks * BLOCK / took * 1e9;
}

static void export_turn(const struct asked *asked, const char *url, const char *directory, const char *sync,
                        size_t events, const char *circular, struct pair pairs[EXPORTED])
{
    char count[24];
    const char *words[] = { "export", url, directory, sync, count, circular, NULL };
    snprintf(count, sizeof count, "%zu", events);
    pair_turn_of_peer(asked, words, pairs, EXPORTED);
}

static void while_away(const struct asked *asked, const char *away, const char *directory, int rounds, size_t events)
{
    static const char *const syncs[] = { "interval", "none" };
    static struct pair null[EXPORTED], memory[EXPORTED], spool[2][EXPORTED];
    struct rounds above = { 0, { 0 } }, written = { 0, { 0 } }, plain_written = { 0, { 0 } };
    int round, turn;
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < 4; turn++) {
            int which = (round + turn) % 4;
            if (which == 0) {
                export_turn(asked, "null:", "none", "none", events, "false", null);
            } else if (which == 1) {
                export_turn(asked, away, "none", "none", events, "true", memory);
            } else {
                export_turn(asked, away, directory, syncs[which - 2], events, "false", spool[which - 2]);
                set_aside(directory);
            }
        }
        rounds_add(&written, dd(spool[1][BYTES].ours.value[round]));
        rounds_add(&plain_written, plain_files(directory, spool[1][BYTES].ours.value[round]));
        rounds_add(&above, spool[0][CPU].ours.value[round] - memory[CPU].ours.value[round]);
    }
    print_rounds("spool.null.rate", "events/s", &null[RATE_OF_EXPORTS].ours);
    print_rounds("spool.interval.rate", "events/s", &spool[0][RATE_OF_EXPORTS].ours);
    print_rounds("spool.none.rate", "events/s", &spool[1][RATE_OF_EXPORTS].ours);
    print_ratio("spool.interval.to_null.rate.ratio", &spool[0][RATE_OF_EXPORTS].ours, &null[RATE_OF_EXPORTS].ours);
    print_ratio("spool.none.to_null.rate.ratio", &spool[1][RATE_OF_EXPORTS].ours, &null[RATE_OF_EXPORTS].ours);
    print_rounds("spool.interval.cpu_per_event.ns", "ns", &spool[0][CPU].ours);
    print_rounds("spool.null.cpu_per_event.ns", "ns", &null[CPU].ours);
    print_rounds("spool.memory.cpu_per_event.ns", "ns", &memory[CPU].ours);
    print_rounds("spool.interval.cpu_above_memory.ns", "ns", &above);
    print_rounds("spool.none.bytes.rate", "B/s", &spool[1][RATE_OF_BYTES].ours);
    print_rounds("spool.dd.bytes.rate", "B/s", &written);
    print_rounds("spool.plain_files.bytes.rate", "B/s", &plain_written);
    print_ratio("spool.none.to_dd.rate.ratio", &spool[1][RATE_OF_BYTES].ours, &written);
    print_ratio("spool.none.to_plain_files.rate.ratio", &spool[1][RATE_OF_BYTES].ours, &plain_written);
}

static void recovery(const struct asked *asked, const char *away, const char *directory, int rounds)
{
    static struct pair filled[EXPORTED], found[RECOVERED], base;
    struct rounds above = { 0, { 0 } };
    char events[24];
    const char *recover[] = { "recover", away, directory, events, NULL };
    const char *memory[] = { "memory", away, NULL };
    int round, total = RECOVERED_EVENTS + RECOVERED_EVENTS / 50;
    for (round = 0; round < rounds; round++) {
        export_turn(asked, away, directory, "none", RECOVERED_EVENTS, "false", filled);
        snprintf(events, sizeof events, "%d", total);
        pair_turn_of_peer(asked, recover, found, RECOVERED);
        pair_turn_of_peer(asked, memory, &base, 1);
        rounds_add(&above, found[MEMORY_MB].ours.value[round] - base.ours.value[round]);
        set_aside(directory);
    }
    print_rounds("spool.recovery.spool.bytes", "B", &filled[BYTES].ours);
    print_rounds("spool.recovery.ms", "ms", &found[MS].ours);
    print_rounds("spool.recovery.cat.ms", "ms", &found[CAT_MS].ours);
    print_ratio("spool.recovery.to_cat.ratio", &found[MS].ours, &found[CAT_MS].ours);
    print_rounds("spool.recovery.memory.mb", "MB", &above);
}

static void draining(const struct asked *asked, const char *away, const char *directory, int rounds)
{
    static struct pair filled[EXPORTED], drained, sent[SENT];
    struct receiver to = start_sink(FORWARD, &plain, NULL);
    struct load load;
    char url[ADDRESS_ROOM + 8], events[24];
    const char *drain[] = { "drain", url, directory, events, NULL };
    int round, turn;
    snprintf(url, sizeof url, "tcp://%s", to.address);
    snprintf(events, sizeof events, "%d", DRAINED_EVENTS + DRAINED_EVENTS / 50);
    load_make(&load, "tcp", &to, DRAINED_EVENTS, "0", "same", NULL);
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < 2; turn++) {
            if ((round + turn) % 2 == 0) {
                export_turn(asked, away, directory, "none", DRAINED_EVENTS, "false", filled);
                pair_turn_of_peer(asked, drain, &drained, 1);
                set_aside(directory);
            } else {
                pair_turn_of_peer(asked, load.words, sent, SENT);
            }
        }
    }
    stop(&to);
    print_rounds("spool.drain.rate", "events/s", &drained.ours);
    print_rounds("spool.drain.memory.rate", "events/s", &sent[RATE].ours);
    print_ratio("spool.drain.to_memory.rate.ratio", &drained.ours, &sent[RATE].ours);
}

int main(int argc, char **argv)
{
    struct asked asked = ask(argc, argv);
    int rounds = asked.quick ? 3 : 7, nobody;
    char here[PATH_MAX], directory[PATH_MAX + 8], address[ADDRESS_ROOM], away[ADDRESS_ROOM + 8];
    if (asked.turn != NULL) {
        const char *const *words = asked.turn;
        static const char *const turns[] = { "export", "recover", "memory", "drain", "send" };
        switch (place_of(words[0], turns, 5)) {
        case 0: take_export(words); break;
        case 1: take_recover(words); break;
        case 2: take_memory(words); break;
        case 3: take_drain(words); break;
        default: load_take(&asked); break;
        }
        return 0;
    }
    EXPECT(getcwd(here, sizeof here) != NULL);
    snprintf(directory, sizeof directory, "%s/spool", here);
    nobody = loopback_socket(0, address);
    snprintf(away, sizeof away, "tcp://%s", address);
    while_away(&asked, away, directory, rounds, asked.quick ? QUICK_EVENTS : EVENTS);
    recovery(&asked, away, directory, rounds);
    draining(&asked, away, directory, rounds);
    remove_all(directory);
    close(nobody);
    return 0;
}
