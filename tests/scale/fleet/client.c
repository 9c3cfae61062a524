/*
 * One client's life. Its thread exports and, while events are on their way, looks at the counters every poll_ms: a client
 * with one thread and one destination delivers in the order of its exports, so the k-th event accepted is acknowledged
 * when `delivered` has reached k. What is seen so is late by poll_ms at most, never early. An instance that dropped or
 * spooled something, adopted another one's events or sent chunks again has no such order: from then on it is not measured.
 */
#include "fleet.h"

#include <mona.h>

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t stopping; /* on the monotonic clock */
static int is_stopping;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* When the events on their way were exported: a ring, as large as the library's default queue of 100 000 events. */
enum { RING = 131072 };

struct instance {
    const struct client *client;
    mona_client *mona;
    mona_context *main, *subs[64];
    char id[64];
    int of_arc; /* events of the open ARC */
    int is_ordered;
    uint64_t accepted, seen; /* events accepted, and acknowledgements of them seen */
    int64_t *sent;
};

enum { MOST_SUBS = sizeof ((struct instance *)0)->subs / sizeof *((struct instance *)0)->subs };

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t monotonic_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

static void prepare(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&stopping, &attributes);
    pthread_condattr_destroy(&attributes);
}

void clients_stop(void)
{
    pthread_once(&once, prepare);
    pthread_mutex_lock(&lock);
    is_stopping = 1;
    pthread_cond_broadcast(&stopping);
    pthread_mutex_unlock(&lock);
}

/* Waits until then, or until the process is to end; says whether it is. */
static int wait_until(int64_t ns)
{
    struct timespec end = { .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };
    int stop;
    pthread_mutex_lock(&lock);
    while (!is_stopping && monotonic_ns() < ns && pthread_cond_timedwait(&stopping, &lock, &end) != ETIMEDOUT) {
    }
    stop = is_stopping;
    pthread_mutex_unlock(&lock);
    return stop;
}

static _Noreturn void refuse(const char *call, mona_status status)
{
    char why[512] = "";
    size_t len = 0;
    (void)mona_last_error(why, sizeof why, &len);
    fprintf(stderr, "fleet: %s: %s: %s\n", call, mona_status_text(status), why);
    exit(1);
}

static void check(const char *call, mona_status status)
{
    if (status != MONA_OK) {
        refuse(call, status);
    }
}

/* Counts a record that was handed over; one that the full queue refused counts as accepted and dropped. */
static void count(struct instance *instance, const char *call, mona_status status)
{
    if (status != MONA_OK && status != MONA_E_DROPPED && status != MONA_E_TIMEOUT) {
        refuse(call, status);
    }
    instance->sent[instance->accepted % RING] = monotonic_ns();
    instance->accepted++;
    /* Should the process be killed before its next look. */
    instance->client->slot->live.accepted = instance->accepted + instance->client->slot->live.adopted;
}

/* Brings the slot up to date, and measures what was acknowledged since the last look. */
static void look(struct instance *instance)
{
    struct slot *slot = instance->client->slot;
    mona_stats stats = { .size = sizeof stats };
    int64_t now;
    check("mona_client_stats", mona_client_stats(instance->mona, &stats));
    now = monotonic_ns();
    slot->live = (struct counts){
        .instances = 1,
        .accepted = stats.accepted,
        .delivered = stats.delivered,
        .queue_full = stats.dropped_queue_full,
        .too_big = stats.dropped_too_big,
        .rejected = stats.dropped_rejected,
        .spool = stats.dropped_spool,
        .closed = stats.dropped_closed,
        .spooled = stats.spooled_events,
        .adopted = stats.adopted_events,
        .refused = stats.refused,
        .connections = stats.connections,
        .connect_failures = stats.connect_failures,
        .chunks_resent = stats.chunks_resent,
    };
    if (stats.accepted != instance->accepted || stats.spooled_events > 0 || stats.adopted_events > 0
        || stats.chunks_resent > 0 || instance->accepted - instance->seen > RING
        || stats.delivered + stats.queued_events != stats.accepted) {
        instance->is_ordered = 0;
    }
    if (instance->is_ordered) {
        for (; instance->seen < stats.delivered; instance->seen++) {
            histogram_add(&instance->client->worker->delays, now - instance->sent[instance->seen % RING]);
            slot->measured++;
        }
    }
    instance->seen = stats.delivered;
}

static void close_arc(struct instance *instance)
{
    int n;
    for (n = 0; n < MOST_SUBS; n++) {
        mona_context_free(instance->subs[n]);
        instance->subs[n] = NULL;
    }
    mona_context_free(instance->main);
    instance->main = NULL;
    instance->of_arc = 0;
}

static void open_arc(struct instance *instance)
{
    const struct options *options = &instance->client->fleet->options;
    struct slot *slot = instance->client->slot;
    int n;
    /* The same for the same seed, and another one after each restart. */
    snprintf(instance->id, sizeof instance->id, "fleet-%" PRIu64 "-%d-%" PRIu64, options->seed,
             instance->client->number, slot->arcs++);
    count(instance, "mona_context_new",
          mona_context_new(instance->mona, "classifier", MONA_NTS, instance->id, MONA_NTS, MONA_NOW, &instance->main));
    for (n = 0; instance->main != NULL && n < options->subs && n < MOST_SUBS; n++) {
        char id[16];
        snprintf(id, sizeof id, "step%d", n);
        count(instance, "mona_context_new_sub",
              mona_context_new_sub(instance->main, "step", MONA_NTS, id, MONA_NTS, &instance->subs[n]));
    }
}

/* The typical event of docs/spec/performance.md, with the time of its export. */
static void send_event(struct instance *instance, struct arrivals *arrivals)
{
    static const char *const labels[] = { "cat", "dog", "owl", "elk" }, *const countries[] = { "IL", "DE", "US", "JP" };
    const struct options *options = &instance->client->fleet->options;
    double random = arrivals_uniform(arrivals);
    mona_context *context;
    if (instance->main == NULL) {
        open_arc(instance);
    }
    /* In turn in the main context and its steps. */
    context = instance->of_arc % (options->subs + 1) == 0 ? NULL : instance->subs[instance->of_arc % (options->subs + 1) - 1];
    context = context == NULL ? instance->main : context;
    if (context != NULL) {
        mona_field fields[] = {
            MONA_STR("model", "resnet50-v3"),
            MONA_F64("confidence", 0.9 + 0.1 * random),
            MONA_F64("latency_ms", 10 + 50 * random),
            MONA_STR("label", labels[(size_t)(random * 64) % 4]),
            MONA_I64("batch", 1 + (int64_t)(random * 64)),
            MONA_STR("country", countries[(size_t)(random * 1024) % 4]),
            MONA_BOOL("is_mobile", random < 0.5),
            MONA_I64("sent_ns", clock_ns(CLOCK_REALTIME)),
        };
        count(instance, "mona_context_export_fields",
              mona_context_export_fields(context, fields, sizeof fields / sizeof *fields, MONA_NOW));
    }
    instance->client->slot->sent++;
    instance->of_arc++;
    if (options->per_arc > 0 && instance->of_arc >= options->per_arc) {
        close_arc(instance);
    }
}

/* The word of this client among the endpoints. */
static void choose_endpoint(mona_options *mona, const struct options *options, int client)
{
    const char *word = options->endpoints;
    int words = 0, n;
    for (n = 0; options->endpoints[n] != '\0'; n++) {
        words += options->endpoints[n] != ' ' && (n == 0 || options->endpoints[n - 1] == ' ');
    }
    for (n = words == 0 ? 0 : client % words;; n--) {
        word += strspn(word, " ");
        if (n == 0) {
            break;
        }
        word += strcspn(word, " ");
    }
    check("endpoint", mona_options_set(mona, "endpoint", MONA_NTS, word, strcspn(word, " ")));
}

static void add(struct counts *into, const struct counts *from)
{
    uint64_t *to = (uint64_t *)into;
    const uint64_t *what = (const uint64_t *)from;
    size_t n;
    for (n = 0; n < sizeof *into / sizeof *to; n++) {
        to[n] += what[n];
    }
}

static void open_instance(struct instance *instance)
{
    const struct client *client = instance->client;
    const struct options *options = &client->fleet->options;
    struct slot *slot = client->slot;
    mona_options *mona = mona_options_new();
    if (slot->is_live) {
        /* The process before was killed: what it had neither seen delivered nor dropped is on its way, spooled or lost. */
        struct counts *live = &slot->live;
        live->instances = 1;
        live->spooled = 0;
        live->killed = live->accepted - live->delivered - live->queue_full - live->too_big - live->rejected - live->spool
            - live->closed;
        add(&slot->ended, live);
    }
    if (options->endpoints != NULL) {
        choose_endpoint(mona, options, client->number);
    }
    check("mona_client_new", mona_client_new(mona, &instance->mona));
    mona_options_free(mona);
    slot->live = (struct counts){ .instances = 1 };
    slot->is_live = 1;
    instance->accepted = instance->seen = 0;
    instance->is_ordered = 1;
}

/* Closes it as a program would; what it adopted was accepted without an export, which count() cannot know. */
static void close_instance(struct instance *instance)
{
    struct slot *slot = instance->client->slot;
    mona_status status;
    close_arc(instance);
    status = mona_client_close(instance->mona, (uint32_t)instance->client->fleet->options.close_ms);
    if (status != MONA_OK && status != MONA_E_TIMEOUT) {
        refuse("mona_client_close", status);
    }
    look(instance);
    add(&slot->ended, &slot->live);
    slot->live = (struct counts){ 0 };
    slot->is_live = 0;
    mona_client_free(instance->mona);
    instance->mona = NULL;
}

/* Waits until then, looking for acknowledgements of what is on its way. */
static int pass_time(struct instance *instance, int64_t until)
{
    const struct options *options = &instance->client->fleet->options;
    for (;;) {
        int64_t now = monotonic_ns(), next = now + options->poll_ms * NS_PER_MS;
        if (now >= until) {
            return 0;
        }
        if (instance->seen >= instance->accepted || next > until) {
            next = until;
        }
        if (wait_until(next)) {
            return 1;
        }
        if (instance->seen < instance->accepted) {
            look(instance);
        }
    }
}

void *client_run(void *argument)
{
    const struct client *client = argument;
    struct fleet *fleet = client->fleet;
    const struct options *options = &fleet->options;
    struct slot *slot = client->slot;
    struct instance instance = { .client = client, .sent = calloc(RING, sizeof *instance.sent) };
    struct arrivals arrivals;
    double now = (double)(monotonic_ns() - fleet->begin) / 1e9, end = options->seconds > 0 ? options->seconds : 1e9;
    double storm = options->storm_every;
    int64_t looked = 0;
    int stop = 0;

    pthread_once(&once, prepare);
    if (instance.sent == NULL) {
        fail("no memory for a client");
    }
    now = now > 0 ? now : 0;
    while (storm > 0 && storm <= now) {
        storm += options->storm_every;
    }
    open_instance(&instance);
    arrivals_begin(&arrivals, options, client->number, slot->ended.instances, now);
    while (!stop && (options->events == 0 || slot->sent < options->events)) {
        double due = arrivals_next(&arrivals);
        for (; !stop && storm > 0 && due >= storm && storm < end; storm += options->storm_every) {
            stop = pass_time(&instance, fleet->begin + (int64_t)(storm * 1e9));
            close_instance(&instance);
            open_instance(&instance);
        }
        if (due >= end) {
            stop = stop || pass_time(&instance, fleet->begin + (int64_t)(end * 1e9));
            break;
        }
        stop = stop || pass_time(&instance, fleet->begin + (int64_t)(due * 1e9));
        if (!stop) {
            int64_t late = monotonic_ns() - fleet->begin - (int64_t)(due * 1e9);
            slot->most_late = late > slot->most_late ? late : slot->most_late;
            send_event(&instance, &arrivals);
            /* One that never has time to wait looks as often. */
            if (monotonic_ns() - looked > options->poll_ms * NS_PER_MS) {
                look(&instance);
                looked = monotonic_ns();
            }
        }
    }
    if (!stop) {
        /* A close sends at once what waits for company: the last events get the time that they would have had. */
        int64_t give_up = monotonic_ns() + options->close_ms * NS_PER_MS;
        while (!stop && instance.seen < instance.accepted && instance.is_ordered && monotonic_ns() < give_up) {
            stop = wait_until(monotonic_ns() + options->poll_ms * NS_PER_MS);
            look(&instance);
        }
    }
    close_instance(&instance);
    free(instance.sent);
    slot->own_cpu += clock_ns(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}
