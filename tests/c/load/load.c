/*
 * A full cycle with as many events as asked for, over the endpoint of the environment, through every
 * way of exporting: `load EVENTS`. What it leaves unfreed must not depend on EVENTS.
 */
#include "../common.h"

#include <pthread.h>

enum { THREADS = 2, IN_CONTEXT = 50, IN_BATCH = 10 };

struct share {
    mona_client *client;
    long events;
};

static long export_in_context(mona_client *client, long from)
{
    mona_context *context = NULL, *sub = NULL;
    uint64_t scope = 0;
    char id[64];
    size_t len = 0;
    long n;

    CHECK_OK(mona_context_new(client, "LOAD", MONA_NTS, NULL, 0, MONA_NOW, &context));
    CHECK_OK(mona_context_new_sub(context, "STEP", MONA_NTS, NULL, 0, &sub));
    CHECK_OK(mona_context_id(context, id, sizeof id, &len));
    CHECK_OK(mona_current_enter(NULL, 0, id, len, MONA_NOW, &scope));
    for (n = 0; n < IN_CONTEXT; n++) {
        mona_field fields[2];
        memset(fields, 0, sizeof fields);
        fields[0].key = "n";
        fields[0].key_len = MONA_NTS;
        fields[0].kind = MONA_FIELD_I64;
        fields[0].value.i64 = from + n;
        fields[1].key = "label";
        fields[1].key_len = MONA_NTS;
        fields[1].kind = MONA_FIELD_STR;
        fields[1].value.text.ptr = "spam";
        fields[1].value.text.len = MONA_NTS;
        CHECK_OK(context_export_number(context, "load", from + n));
        CHECK_OK(export_number("load", from + n));
        CHECK_OK(mona_context_export_fields(sub, fields, 2, 1552903200.0));
        CHECK_STATUS(MONA_E_JSON, mona_context_export(context, "{\"a\": [1, {\"b\": ", MONA_NTS, MONA_NOW));
    }
    CHECK_OK(mona_current_leave(scope));
    mona_context_free(sub);
    mona_context_free(context);
    return 3 * IN_CONTEXT;
}

static long export_batch(mona_client *client)
{
    char batch[1024] = "[";
    size_t accepted = 0;
    int n;
    for (n = 0; n < IN_BATCH; n++) {
        strcat(batch, n > 0 ? ", {\"message\": {\"n\": 1}}" : "{\"message\": {\"n\": 1}}");
    }
    strcat(batch, "]");
    CHECK_OK(mona_client_export_batch(client, batch, MONA_NTS, &accepted));
    CHECK(accepted == IN_BATCH);
    return IN_BATCH;
}

static void *run_thread(void *argument)
{
    const struct share *share = argument;
    long done = 0;
    while (done < share->events) {
        done += export_in_context(share->client, done);
        done += export_batch(share->client);
        /* The queue must hold the load: what is dropped is not what is measured here. */
        CHECK_OK(mona_client_flush(share->client, 30000));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread[THREADS];
    struct share share;
    char text[8192];
    size_t len = 0;
    int i;

    CHECK(argc == 2);
    share.events = atol(argv[1]) / THREADS;
    share.client = new_client(NULL, NULL);
    CHECK_OK(mona_client_set_default(share.client));
    CHECK_OK(mona_client_set_globals(share.client, "{\"release\": \"1.2\"}", MONA_NTS));
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&thread[i], NULL, run_thread, &share) == 0);
    }
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(thread[i], NULL) == 0);
    }
    while (mona_client_take(share.client, text, sizeof text, &len) == MONA_OK) {
    }
    CHECK_OK(mona_client_describe(share.client, NULL, 0, &len));
    CHECK_OK(mona_client_close(share.client, 30000));
    CHECK(stats_of(share.client).delivered >= (uint64_t)share.events);
    check_ledger(share.client);
    mona_client_free(share.client);
    return 0;
}
