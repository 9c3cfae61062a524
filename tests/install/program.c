/*
 * Uses an installed libmona and says whether it works.
 *
 *     program          sends events to a client in memory, takes them back and compares
 *     program exit     exports on the default client and returns from main without closing it
 *     program panic    with MONA_TEST_PANIC=mona_client_describe: a panic in the library becomes a status
 */
#include <mona.h>

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 5000 };

static int failures;

static void expect_ok(mona_status status, const char *call)
{
    if (status == MONA_OK)
        return;
    char detail[256] = "";
    size_t len;
    (void)mona_last_error(detail, sizeof detail, &len);
    fprintf(stderr, "%s: %s (%s)\n", call, mona_status_text(status), detail);
    failures++;
}

static mona_client *memory_client(void)
{
    mona_client *client = NULL;
    mona_options *options = mona_options_new();

    expect_ok(mona_options_set(options, "endpoint", MONA_NTS, "memory:", MONA_NTS), "mona_options_set");
    expect_ok(mona_options_set(options, "user_id", MONA_NTS, "installer", MONA_NTS), "mona_options_set");
    expect_ok(mona_client_new(options, &client), "mona_client_new");
    mona_options_free(options);
    return client;
}

static void send_events(mona_client *client)
{
    mona_context *run = NULL, *stage = NULL;

    expect_ok(mona_context_new(client, "install-check", MONA_NTS, "run-1", MONA_NTS, 1552903200.0, &run),
              "mona_context_new");
    expect_ok(mona_context_export(run, "{\"text\": \"seven\", \"MONA_x\": 1}", MONA_NTS, 1552903201.0),
              "mona_context_export");
    expect_ok(mona_context_new_sub(run, NULL, 0, "stage", MONA_NTS, &stage), "mona_context_new_sub");
    const mona_field fields[] = {MONA_STR("label", "seven"), MONA_F64("confidence", 0.5), MONA_I64("count", -3)};
    expect_ok(mona_context_export_fields(stage, fields, sizeof fields / sizeof fields[0], 1552903202.9),
              "mona_context_export_fields");
    mona_context_free(stage);
    mona_context_free(run);
    expect_ok(mona_client_flush(client, TIMEOUT_MS), "mona_client_flush");
}

/* How JSON is spaced is not promised; none of the texts compared has a blank in it. */
static void remove_blanks(char *text)
{
    char *to = text;
    for (; *text != '\0'; text++)
        if (*text != ' ' && *text != '\n')
            *to++ = *text;
    *to = '\0';
}

static void expect_record(mona_client *client, const char *wanted)
{
    char found[512] = "";
    size_t len;

    expect_ok(mona_client_take(client, found, sizeof found, &len), "mona_client_take");
    remove_blanks(found);
    if (strcmp(found, wanted) != 0) {
        fprintf(stderr, "wanted %s\nfound  %s\n", wanted, found);
        failures++;
    }
}

static void expect_records(mona_client *client)
{
    expect_record(client, "{\"user_id\":\"installer\",\"context\":\"run-1\","
                          "\"message\":{\"MONA_ARC_CLASS\":\"install-check\"},\"export_timestamp\":1552903200}");
    expect_record(client, "{\"user_id\":\"installer\",\"context\":\"run-1\","
                          "\"message\":{\"text\":\"seven\"},\"export_timestamp\":1552903201}");
    expect_record(client, "{\"user_id\":\"installer\",\"context\":\"run-1.stage\","
                          "\"message\":{\"label\":\"seven\",\"confidence\":0.5,\"count\":-3},"
                          "\"export_timestamp\":1552903202}");
    size_t len;
    if (mona_client_take(client, NULL, 0, &len) != MONA_E_NOT_FOUND) {
        fprintf(stderr, "a fourth record was delivered, three were sent\n");
        failures++;
    }
}

static void expect_version(void)
{
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%d.%d.%d", MONA_VERSION_MAJOR, MONA_VERSION_MINOR, MONA_VERSION_PATCH);
    if (strcmp(mona_version(), wanted) != 0) {
        fprintf(stderr, "the library is %s, the header %s\n", mona_version(), wanted);
        failures++;
    }
}

static void leave_at_exit(void)
{
    expect_ok(mona_current_enter("install-check", MONA_NTS, "run-2", MONA_NTS, MONA_NOW, NULL), "mona_current_enter");
    expect_ok(mona_current_export("{\"text\": \"last\"}", MONA_NTS, MONA_NOW), "mona_current_export");
    expect_ok(mona_current_leave(MONA_INNERMOST), "mona_current_leave");
}

static void expect_contained_panic(void)
{
    mona_client *client = memory_client();
    size_t len;
    mona_status status = mona_client_describe(client, NULL, 0, &len);

    if (status != MONA_E_PANIC) {
        fprintf(stderr, "mona_client_describe: %s, a contained panic is expected\n", mona_status_text(status));
        failures++;
    }
    send_events(client);
    expect_records(client);
    mona_client_free(client);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "panic") == 0) {
        expect_contained_panic();
        return failures != 0;
    }
    if (argc > 1 && strcmp(argv[1], "exit") == 0) {
        leave_at_exit();
        return failures != 0;
    }
    mona_client *client = memory_client();
    expect_version();
    send_events(client);
    expect_records(client);
    expect_ok(mona_client_close(client, TIMEOUT_MS), "mona_client_close");
    mona_client_free(client);
    return failures != 0;
}
