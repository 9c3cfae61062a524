/*
 * Text that is no event: every prefix of a valid one, a megabyte, too deep, not one object. Each is
 * answered with its status, the last error says where, and what was accepted before stays accepted.
 */
#include "../common.h"

static mona_client *client;
static mona_context *context;

static const char whole[] =
    "{\"a\": [1, -2.5e3, true, null, {\"b\": \"\\u00e9\\n\"}], \"c\": {\"d\": \"x\"}, \"e\": \"\xc3\xa9\"}";

static void expect(mona_status expected, const char *json, size_t len)
{
    mona_stats before = stats_of(client);
    mona_stats after;
    char detail[512];
    size_t detail_len = 0;

    CHECK_STATUS(expected, mona_context_export(context, json, len, MONA_NOW));
    CHECK_OK(mona_last_error(detail, sizeof detail, &detail_len));
    CHECK(detail_len > 0 && detail_len < 500);
    after = stats_of(client);
    CHECK(after.accepted == before.accepted);
}

static char *filled(size_t len, char with)
{
    char *text = malloc(len + 1);
    CHECK(text != NULL);
    memset(text, with, len);
    text[len] = '\0';
    return text;
}

static void check_prefixes(void)
{
    size_t len;
    for (len = 0; len < sizeof whole - 1; len++) {
        mona_status status = mona_context_export(context, whole, len, MONA_NOW);
        /* A cut inside the two bytes of the last letter is not UTF-8 either. */
        CHECK(status == MONA_E_JSON || status == MONA_E_UTF8);
    }
    CHECK_OK(mona_context_export(context, whole, sizeof whole - 1, MONA_NOW));
}

static void check_shapes(void)
{
    static const char *const wrong[] = {
        "", " ", "[]", "[{\"a\": 1}]", "1", "\"text\"", "null", "true", "{", "}", "{}{}", "{} x", "{\"a\": 1,}",
        "{\"a\" 1}", "{a: 1}", "{'a': 1}", "{\"a\": 01}", "{\"a\": +1}", "{\"a\": 1.}", "{\"a\": .5}",
        "{\"a\": 1e}", "{\"a\": nan}", "{\"a\": Inf}", "{\"a\": \"\\x\"}", "{\"a\": \"\\u12\"}",
        "{\"a\": \"\\ud800\"}", "{\"\\udc00\": 1}", "{\"a\": \"\t\"}", "{\"a\": 18446744073709551616}",
        "{\"a\": -9223372036854775809}", "{\"a\": 1} // no", "\xef\xbb\xbf{\"a\": 1}", "{\"MONA_x\": tru}",
        "{\"a\": 1e999}",
    };
    size_t i;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (strcmp(wrong[i], "{\"a\": 1e999}") == 0) {
            /* A number beyond a double: refused or an infinity, but never a crash. */
            mona_status status = mona_context_export(context, wrong[i], MONA_NTS, MONA_NOW);
            CHECK(status == MONA_OK || status == MONA_E_JSON);
            continue;
        }
        expect(MONA_E_JSON, wrong[i], MONA_NTS);
    }
    expect(MONA_E_JSON, "{\"a\": 1}\0", 9);
    expect(MONA_E_JSON, "{\"a\": \"x\0y\"}", 12);
}

static void check_sizes(void)
{
    enum { MEGABYTE = 1024 * 1024 };
    char *text = filled(MEGABYTE, 'x');
    size_t i;

    expect(MONA_E_LIMIT, text, MEGABYTE);
    memcpy(text, "{\"a\": \"", 7);
    memcpy(text + MEGABYTE - 2, "\"}", 2);
    expect(MONA_E_LIMIT, text, MEGABYTE);
    text[MEGABYTE - 1] = ' ';
    {
        mona_status status = mona_context_export(context, text, MEGABYTE, MONA_NOW);
        CHECK(status == MONA_E_JSON || status == MONA_E_LIMIT);
    }
    memset(text, '[', MEGABYTE);
    memcpy(text, "{\"a\":", 5);
    {
        mona_status status = mona_context_export(context, text, MEGABYTE, MONA_NOW);
        CHECK(status == MONA_E_JSON || status == MONA_E_LIMIT);
    }
    for (i = 5; i + 5 <= MEGABYTE; i += 5) {
        memcpy(text + i, "{\"a\":", 5);
    }
    {
        mona_status status = mona_context_export(context, text, MEGABYTE, MONA_NOW);
        CHECK(status == MONA_E_JSON || status == MONA_E_LIMIT);
    }
    free(text);
}

static void check_batches(void)
{
    size_t accepted = 77;
    CHECK_STATUS(MONA_E_JSON, mona_client_export_batch(client, "{}", MONA_NTS, &accepted));
    CHECK_STATUS(MONA_E_JSON, mona_client_export_batch(client, "[1", MONA_NTS, &accepted));
    CHECK_STATUS(MONA_E_JSON, mona_client_export_batch(client, "", 0, &accepted));
    CHECK_STATUS(MONA_E_JSON, mona_client_export_batch(client, "[{\"message\": {\"a\": 1}}, {\"message\"", MONA_NTS,
                                                       &accepted));
    CHECK_STATUS(MONA_E_JSON,
                 mona_client_export_batch(client, "[{\"message\": {\"a\": 1}}, {}, {\"message\": {\"a\": 2}}]",
                                          MONA_NTS, &accepted));
    CHECK(accepted == 2);
    CHECK_OK(mona_client_export_batch(client, "[]", MONA_NTS, &accepted));
    CHECK(accepted == 0);
    CHECK_STATUS(MONA_E_JSON, mona_client_set_globals(client, "[1]", MONA_NTS));
    CHECK_STATUS(MONA_E_JSON, mona_client_set_globals(client, "{\"a\"", MONA_NTS));
}

int main(void)
{
    mona_stats stats;

    client = new_client(NULL, NULL);
    CHECK_OK(mona_context_new(client, NULL, 0, "bad", MONA_NTS, MONA_NOW, &context));
    CHECK_OK(mona_context_export(context, whole, MONA_NTS, MONA_NOW));
    check_prefixes();
    check_shapes();
    check_sizes();
    check_batches();
    CHECK_OK(mona_context_export(context, whole, MONA_NTS, MONA_NOW));
    CHECK_OK(mona_client_close(client, 60000));
    stats = stats_of(client);
    CHECK(stats.accepted == stats.delivered && stats.accepted >= 5);
    mona_context_free(context);
    mona_client_free(client);
    return 0;
}
