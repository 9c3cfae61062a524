/*
 * The callback: gets every line with its level and the caller's pointer, and answers MONA_E_BUSY to an
 * export, a flush or a close made inside it, at any depth and from any thread of the library.
 */
#include "../common.h"

#include <pthread.h>

struct seen {
    int lines, nested, wrong;
    mona_client *client;
    mona_context *context;
};

static __thread int depth;

static void on_line(int32_t level, const char *line, size_t len, void *user_data)
{
    struct seen *seen = user_data;
    mona_status statuses[6];
    size_t accepted = 0;
    int i;

    if (depth > 0) {
        __atomic_add_fetch(&seen->nested, 1, __ATOMIC_SEQ_CST);
        return;
    }
    depth++;
    __atomic_add_fetch(&seen->lines, 1, __ATOMIC_SEQ_CST);
    if ((level != 10 && level != 20 && level != 30 && level != 40) || len == 0 || line == NULL) {
        __atomic_add_fetch(&seen->wrong, 1, __ATOMIC_SEQ_CST);
    }
    statuses[0] = mona_context_export(seen->context, "{\"a\": 1}", MONA_NTS, MONA_NOW);
    statuses[1] = mona_current_export("{\"a\": 1}", MONA_NTS, MONA_NOW);
    statuses[2] = mona_client_export_batch(seen->client, "[{\"message\": {\"a\": 1}}]", MONA_NTS, &accepted);
    statuses[3] = mona_client_flush(seen->client, 10000);
    statuses[4] = mona_client_close(seen->client, 10000);
    statuses[5] = mona_current_export_batch("[{\"message\": {\"a\": 1}}]", MONA_NTS, &accepted);
    for (i = 0; i < 6; i++) {
        if (statuses[i] != MONA_E_BUSY) {
            __atomic_add_fetch(&seen->wrong, 1, __ATOMIC_SEQ_CST);
        }
    }
    depth--;
}

int main(void)
{
    struct seen seen;
    double end = seconds_now() + 60;
    int before;

    memset(&seen, 0, sizeof seen);
    seen.client = new_client("log_level", "10");
    CHECK_OK(mona_client_set_default(seen.client));
    CHECK_OK(mona_context_new(seen.client, NULL, 0, "m", MONA_NTS, MONA_NOW, &seen.context));
    CHECK_OK(mona_current_open(NULL, 0, "m", MONA_NTS, MONA_NOW));
    CHECK_OK(mona_log_set_callback(on_line, &seen));

    /* A line from this thread: refused calls are logged. */
    CHECK_STATUS(MONA_E_NOT_FOUND, mona_current_close_sub("nothing", MONA_NTS));
    CHECK(seen.lines > 0);
    /* Lines from the library's thread: no collector listens there. */
    before = seen.lines;
    CHECK_OK(mona_context_export(seen.context, "{\"a\": 1}", MONA_NTS, MONA_NOW));
    while (__atomic_load_n(&seen.lines, __ATOMIC_SEQ_CST) == before && seconds_now() < end) {
        sleep_ms(5);
    }
    CHECK(__atomic_load_n(&seen.lines, __ATOMIC_SEQ_CST) > before);
    CHECK(seen.wrong == 0);
    CHECK(seen.nested == 0);

    CHECK_OK(mona_log_set_callback(NULL, NULL));
    before = seen.lines;
    CHECK_STATUS(MONA_E_NOT_FOUND, mona_current_close_sub("nothing", MONA_NTS));
    CHECK(seen.lines == before);
    CHECK(stats_of(seen.client).accepted == 1);
    CHECK_STATUS(MONA_E_TIMEOUT, mona_client_close(seen.client, 100));
    check_ledger(seen.client);
    return 0;
}
