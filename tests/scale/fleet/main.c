/* The command line of the fleet simulator. */
#include "fleet.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const char help[] =
    "usage: fleet [options]       options of libmona come from the environment (MONA_ENDPOINT ...)\n"
    "       fleet --delays FILE   percentiles of lines \"sent_ns received_ns\" ('-': standard input)\n"
    "\n"
    "  --clients N        clients, each with a thread, a queue and a connection of its own (1)\n"
    "  --processes N      processes that they are spread over (as many as clients)\n"
    "  --pattern NAME     steady, poisson, burst, diurnal, or arcs: poisson with --per-arc 8 --subs 2 (poisson)\n"
    "  --rate R           events a second of one client, in the mean (50)\n"
    "  --seconds S        how long; without it and --events: 10\n"
    "  --events N         so many events of each client, then the end\n"
    "  --seed N           the same numbers and times again (1)\n"
    "  --burst N          events of one burst (50)\n"
    "  --day S            seconds of a day of the diurnal pattern (those of the run)\n"
    "  --per-arc N        events of one ARC; 0: all of a client in one (0)\n"
    "  --subs N           sub-contexts of one ARC, at most 64 (0)\n"
    "  --storm-every S    every client is closed and made anew at the same moment\n"
    "  --roll S           the processes are ended and started again, the next one every S seconds\n"
    "  --roll-kill S      the same with kill -9\n"
    "  --poll-ms N        how often a client looks for acknowledgements: the resolution of its delays (20)\n"
    "  --close-ms N       the longest a client waits for its last events (5000)\n"
    "  --endpoints WORDS  endpoints with blanks between them; the clients take them in turn\n"
    "\n"
    "Prints one line of JSON: records accepted, acked, dropped, spooled, and what killed processes had not seen\n"
    "acknowledged, CPU of all processes for each, delays from export to acknowledgement in milliseconds.\n"
    "Exit code 1 where the counters do not add up.\n";

_Noreturn void fail(const char *what)
{
    fprintf(stderr, "fleet: %s\n", what);
    exit(1);
}

static _Noreturn void misused(const char *name, const char *value)
{
    fprintf(stderr, "fleet: --%s %s: not understood; --help says more\n", name, value);
    exit(2);
}

static double number(const char *name, const char *value, double least, double most)
{
    char *end;
    double got = strtod(value, &end);
    if (*value == '\0' || *end != '\0' || !(got >= least && got <= most)) {
        misused(name, value);
    }
    return got;
}

static uint64_t whole(const char *name, const char *value, double least, double most)
{
    double got = number(name, value, least, most);
    if (got != (double)(uint64_t)got) {
        misused(name, value);
    }
    return (uint64_t)got;
}

static void choose_pattern(struct options *options, const char *value)
{
    static const char *const names[] = { "steady", "poisson", "burst", "diurnal" };
    size_t n;
    if (strcmp(value, "arcs") == 0) {
        options->pattern = POISSON;
        options->per_arc = 8;
        options->subs = 2;
        return;
    }
    for (n = 0; n < sizeof names / sizeof *names; n++) {
        if (strcmp(value, names[n]) == 0) {
            options->pattern = (enum pattern)n;
            return;
        }
    }
    misused("pattern", value);
}

/* The bounds keep mistaken units out; 2^53 is what a double holds exactly. */
static void set(struct options *options, const char *name, char *value)
{
    if (strcmp(name, "clients") == 0) {
        options->clients = (int)whole(name, value, 1, 1e5);
    } else if (strcmp(name, "processes") == 0) {
        options->processes = (int)whole(name, value, 1, 1e4);
    } else if (strcmp(name, "pattern") == 0) {
        choose_pattern(options, value);
    } else if (strcmp(name, "rate") == 0) {
        options->rate = number(name, value, 1e-3, 1e7);
    } else if (strcmp(name, "seconds") == 0) {
        options->seconds = number(name, value, 1e-3, 1e6);
    } else if (strcmp(name, "events") == 0) {
        options->events = whole(name, value, 1, 1e12);
    } else if (strcmp(name, "seed") == 0) {
        options->seed = whole(name, value, 0, 9e15);
    } else if (strcmp(name, "burst") == 0) {
        options->burst = (int)whole(name, value, 1, 1e6);
    } else if (strcmp(name, "day") == 0) {
        options->day = number(name, value, 0.1, 1e6);
    } else if (strcmp(name, "per-arc") == 0) {
        options->per_arc = (int)whole(name, value, 0, 1e6);
    } else if (strcmp(name, "subs") == 0) {
        options->subs = (int)whole(name, value, 0, 64);
    } else if (strcmp(name, "storm-every") == 0) {
        options->storm_every = number(name, value, 0.1, 1e6);
    } else if (strcmp(name, "roll") == 0 || strcmp(name, "roll-kill") == 0) {
        options->roll_every = number(name, value, 0.1, 1e6);
        options->roll_kill = strcmp(name, "roll-kill") == 0;
    } else if (strcmp(name, "poll-ms") == 0) {
        options->poll_ms = (int)whole(name, value, 1, 1e5);
    } else if (strcmp(name, "close-ms") == 0) {
        options->close_ms = (int)whole(name, value, 0, 3.6e6);
    } else if (strcmp(name, "endpoints") == 0) {
        options->endpoints = value;
        if (value[strspn(value, " ")] == '\0') {
            misused(name, value);
        }
    }
}

static void *shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        fail("no memory for the counters");
    }
    return memory;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        { "clients", required_argument, NULL, 0 },   { "processes", required_argument, NULL, 0 },
        { "pattern", required_argument, NULL, 0 },   { "rate", required_argument, NULL, 0 },
        { "seconds", required_argument, NULL, 0 },   { "events", required_argument, NULL, 0 },
        { "seed", required_argument, NULL, 0 },      { "burst", required_argument, NULL, 0 },
        { "day", required_argument, NULL, 0 },       { "per-arc", required_argument, NULL, 0 },
        { "subs", required_argument, NULL, 0 },      { "storm-every", required_argument, NULL, 0 },
        { "roll", required_argument, NULL, 0 },      { "roll-kill", required_argument, NULL, 0 },
        { "poll-ms", required_argument, NULL, 0 },   { "close-ms", required_argument, NULL, 0 },
        { "endpoints", required_argument, NULL, 0 }, { "delays", required_argument, NULL, 'd' },
        { "help", no_argument, NULL, 'h' },          { NULL, 0, NULL, 0 },
    };
    struct fleet fleet = { .options = {
        .clients = 1, .pattern = POISSON, .rate = 50, .seed = 1, .burst = 50, .poll_ms = 20, .close_ms = 5000 } };
    struct options *options = &fleet.options;
    int chosen, index = 0;
    while ((chosen = getopt_long(argc, argv, "", known, &index)) != -1) {
        switch (chosen) {
        case 0:
            set(options, known[index].name, optarg);
            break;
        case 'd':
            return delays_of_file(optarg);
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            return 2;
        }
    }
    if (optind < argc) {
        misused("", argv[optind]);
    }
    if (options->processes == 0 || options->processes > options->clients) {
        options->processes = options->clients;
    }
    if (options->seconds == 0 && options->events == 0) {
        options->seconds = 10;
    }
    if (options->day == 0) {
        options->day = options->seconds > 0 ? options->seconds : (double)options->events / options->rate;
    }
    if (options->per_arc > 0 && options->subs >= options->per_arc) {
        fail("--subs: more than the events of an ARC, which would leave some without any");
    }
    fleet.slots = shared((size_t)options->clients * sizeof *fleet.slots);
    fleet.workers = shared((size_t)options->processes * sizeof *fleet.workers);
    fleet_run(&fleet);
    return report(&fleet, monotonic_ns() - fleet.begin);
}
