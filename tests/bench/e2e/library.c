/* The library's side: typical events of 7 fields, exported by this thread, sent by the library's own. */
#include "e2e.h"

/* Longer than any run: an event that had to go would be one that was not sent. */
#define PATIENCE_MS "600000"
enum { FLUSH_MS = 600000 };

/* After that a client counts as idle. */
enum { REST_MS = 2000 };

static mona_client *client_to(const struct receiver *to)
{
    mona_client *client = NULL;
    mona_options *options = mona_options_new();
    char endpoint[96];
    snprintf(endpoint, sizeof endpoint, "%s://%s", to->protocol == FORWARD ? "tcp" : "http", to->address);
    CHECK_OK(mona_options_set(options, "endpoint", MONA_NTS, endpoint, MONA_NTS));
    CHECK_OK(mona_options_set(options, "user_id", MONA_NTS, "bench", MONA_NTS));
    CHECK_OK(mona_options_set(options, "queue_circular", MONA_NTS, "false", MONA_NTS));
    CHECK_OK(mona_options_set(options, "block_timeout_ms", MONA_NTS, PATIENCE_MS, MONA_NTS));
    CHECK_OK(mona_client_new(options, &client));
    mona_options_free(options);
    return client;
}

static mona_context *context_of(mona_client *client)
{
    mona_context *context = NULL;
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    return context;
}

static void export_typical(mona_context *context)
{
    CHECK_OK(MONA_EXPORT(context, MONA_STR("model", "resnet50-v3"), MONA_F64("confidence", 0.9731),
                         MONA_F64("latency_ms", 12.5), MONA_STR("label", "cat"), MONA_I64("batch", 32),
                         MONA_STR("country", "IL"), MONA_BOOL("is_mobile", 1)));
}

static void check_delivered(mona_client *client, size_t events)
{
    mona_stats stats = stats_of(client);
    CHECK(stats.delivered == events && stats.accepted == events && dropped_of(&stats) == 0);
}

static void free_all(mona_client *client, mona_context *context)
{
    mona_context_free(context);
    CHECK_OK(mona_client_close(client, FLUSH_MS));
    mona_client_free(client);
}

struct run send_events(const struct receiver *to, size_t events, double gap_ns)
{
    mona_client *client = client_to(to);
    mona_context *context = context_of(client);
    double start_cpu = cpu_of_other_threads();
    double start = seconds_now();
    double next = start;
    struct run run;
    size_t n;
    for (n = 0; n < events; n++) {
        export_typical(context);
        if (gap_ns > 0) {
            next += gap_ns / 1e9;
            while (seconds_now() < next) {
            }
        }
    }
    CHECK_OK(mona_client_flush(client, FLUSH_MS));
    run.seconds = seconds_now() - start;
    run.sender_ns = cpu_of_other_threads() - start_cpu;
    run.events = (double)events;
    check_delivered(client, events);
    free_all(client, context);
    return run;
}

void idle_cpu(const struct receiver *to, double seconds, double *values, int count)
{
    mona_client *client = client_to(to);
    mona_context *context = context_of(client);
    export_typical(context);
    CHECK_OK(mona_client_flush(client, FLUSH_MS));
    sleep_ms(REST_MS);
    for (; count > 0; count--, values++) {
        double start = seconds_now(), cpu = cpu_of_process();
        sleep_ms((long)(seconds * 1000));
        *values = (cpu_of_process() - cpu) / 1e6 / (seconds_now() - start);
    }
    check_delivered(client, 1);
    free_all(client, context);
}
