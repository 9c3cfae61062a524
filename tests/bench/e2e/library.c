/* The library's side: typical events of 7 fields, exported by this thread, sent by the library's own. */
#include "../event.h"
#include "e2e.h"

/* Longer than any run: an event that had to go would be one that was not sent. */
#define PATIENCE_MS "600000"
enum { FLUSH_MS = 600000 };

/* Share of the events that goes first without being measured. */
enum { WARM_UP = 10 };

enum values { SAME, CHANGING, DIGITS, KINDS_OF_VALUES };
static const char *const VALUES[KINDS_OF_VALUES] = { "same", "changing", "digits" };

/* The fixed words of a turn, before the options. */
enum { SEND, URL, EVENTS, GAP, KIND, OPTIONS };

void load_make(struct load *load, const char *scheme, const struct receiver *to, size_t events,
               const char *gap_ns, const char *values, const char *const *options_or_null)
{
    int count = OPTIONS;
    snprintf(load->url, sizeof load->url, "%s://%s", scheme, to->address);
    snprintf(load->events, sizeof load->events, "%zu", events);
    load->words[SEND] = "send";
    load->words[URL] = load->url;
    load->words[EVENTS] = load->events;
    load->words[GAP] = gap_ns;
    load->words[KIND] = values;
    while (options_or_null != NULL && *options_or_null != NULL) {
        EXPECT(count + 1 < MOST_WORDS);
        load->words[count++] = *options_or_null++;
    }
    load->words[count] = NULL;
}

static mona_client *client_of(const char *const *words)
{
    mona_client *client = NULL;
    mona_options *options = mona_options_new();
    int at;
    EXPECT(options != NULL);
    EXPECT(mona_options_set(options, "endpoint", MONA_NTS, words[URL], MONA_NTS) == MONA_OK);
    EXPECT(mona_options_set(options, "user_id", MONA_NTS, "bench", MONA_NTS) == MONA_OK);
    EXPECT(mona_options_set(options, "queue_circular", MONA_NTS, "false", MONA_NTS) == MONA_OK);
    EXPECT(mona_options_set(options, "block_timeout_ms", MONA_NTS, PATIENCE_MS, MONA_NTS) == MONA_OK);
    for (at = OPTIONS; words[at] != NULL; at += 2) {
        EXPECT(mona_options_set(options, words[at], MONA_NTS, words[at + 1], MONA_NTS) == MONA_OK);
    }
    EXPECT(mona_client_new(options, &client) == MONA_OK);
    mona_options_free(options);
    return client;
}

/* Numbers that hardly repeat, the same in every turn (xorshift). */
static uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* One of few, as labels and countries are. */
static mona_field text_field(const char *key, size_t key_len, const char *const *texts, uint64_t random)
{
    mona_field field = MONA_STR("", "");
    field.key = key;
    field.key_len = key_len;
    field.value.text.ptr = texts[random & 7];
    field.value.text.len = strlen(field.value.text.ptr);
    return field;
}

/* Values as a model that is at work has them: floats of four and of one digit behind the point, or all that a
 * double has, and texts out of a few. */
static mona_status export_changing(mona_context *context, enum values kind)
{
    static const char *const labels[8] = { "cat", "dog", "lynx", "horse", "zebra", "fox", "badger", "goat" };
    static const char *const countries[8] = { "IL", "DE", "FR", "US", "IN", "BR", "JP", "ZA" };
    uint64_t random = next_random(), other = next_random();
    double confidence = (double)(random % 10000) / 10000, latency = (double)(other % 1000) / 10;
    mona_field label = text_field("label", 5, labels, random >> 40);
    mona_field country = text_field("country", 7, countries, other >> 40);
    if (kind == DIGITS) {
        confidence = (double)(random >> 11) / 9007199254740992.0;
        latency = (double)(other >> 11) / 9007199254740992.0 * 100;
    }
    return MONA_EXPORT(context, MONA_STR("model", "resnet50-v3"), MONA_F64("confidence", confidence),
                       MONA_F64("latency_ms", latency), label, MONA_I64("batch", (int64_t)(random >> 57)),
                       country, MONA_BOOL("is_mobile", (int)(other >> 63)));
}

static mona_status export_one(mona_context *context, enum values kind)
{
    if (kind == SAME) {
        return MONA_EXPORT(context, TYPICAL_FIELDS(0.9731, 12.5, 32));
    }
    return export_changing(context, kind);
}

static void expect_delivered(const mona_client *client, size_t events)
{
    mona_stats stats = stats_of(client);
    EXPECT(stats.delivered == events && stats.accepted == events);
    EXPECT(stats.dropped_queue_full == 0 && stats.dropped_too_big == 0 && stats.dropped_rejected == 0);
}

void load_take(const struct asked *asked)
{
    const char *const *words = asked->turn;
    enum values kind = (enum values)place_of(words[KIND], VALUES, KINDS_OF_VALUES);
    size_t events = (size_t)strtoul(words[EVENTS], NULL, 10), n;
    double gap = strtod(words[GAP], NULL), start, next, cpu, sent[SENT];
    mona_client *client = client_of(words);
    mona_context *context = NULL;
    EXPECT(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context) == MONA_OK);
    /* Connections, page faults and caches of the first events are nobody's. */
    for (n = 0; n < events / WARM_UP; n++) {
        EXPECT(export_one(context, kind) == MONA_OK);
    }
    EXPECT(mona_client_flush(client, FLUSH_MS) == MONA_OK);
    cpu = cpu_of_other_threads();
    next = start = now_ns();
    for (n = 0; n < events; n++) {
        EXPECT(export_one(context, kind) == MONA_OK);
        if (gap > 0) {
            next += gap;
            while (now_ns() < next) {
            }
        }
    }
    EXPECT(mona_client_flush(client, FLUSH_MS) == MONA_OK);
    sent[RATE] = (double)events / (now_ns() - start) * 1e9;
    sent[CPU_PER_EVENT] = (cpu_of_other_threads() - cpu) / (double)events;
    expect_delivered(client, events + events / WARM_UP);
    mona_context_free(context);
    EXPECT(mona_client_close(client, FLUSH_MS) == MONA_OK);
    mona_client_free(client);
    apart_answer(sent, SENT);
}
