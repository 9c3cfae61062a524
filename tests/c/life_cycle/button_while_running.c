/*
 * MONA_DISABLE_ALL set and unset while the program runs: obeyed whenever a main context is opened, by handle, on the
 * thread and by a batch, whatever happens to the rest of the environment. Every change is one warning.
 */
#include "../common.h"

extern char **environ;

static mona_client *client;

static uint64_t accepted(void) { return stats_of(client).accepted; }

/* Each way to open a main context does what the environment says now. */
static void expect(int sends)
{
    mona_context *context = NULL;
    size_t taken = 0;
    uint64_t before = accepted();
    uint64_t scope = 0;
    char id[64];
    size_t len = 0;

    CHECK_OK(mona_context_new(client, NULL, 0, "m", MONA_NTS, MONA_NOW, &context));
    CHECK_OK(mona_context_export(context, "{\"a\": 1}", MONA_NTS, MONA_NOW));
    CHECK(accepted() - before == (sends ? 1 : 0));
    CHECK_OK(mona_context_id(context, id, sizeof id, &len));
    CHECK(strcmp(id, sends ? "m" : "") == 0);
    mona_context_free(context);

    before = accepted();
    CHECK_OK(mona_current_enter(NULL, 0, "m", MONA_NTS, MONA_NOW, &scope));
    CHECK_OK(mona_current_export("{\"a\": 1}", MONA_NTS, MONA_NOW));
    CHECK_OK(mona_current_leave(scope));
    CHECK_OK(mona_current_open(NULL, 0, "m", MONA_NTS, MONA_NOW));
    CHECK_OK(mona_current_export("{\"a\": 1}", MONA_NTS, MONA_NOW));
    CHECK_OK(mona_client_export_batch(client, "[{\"message\": {\"a\": 1}}]", MONA_NTS, &taken));
    CHECK(accepted() - before == (sends ? 3 : 0));
}

/* The first call after a change is each of the ways in turn. */
static void expect_by_batch(int sends)
{
    size_t taken = 0;
    uint64_t before = accepted();
    CHECK_OK(mona_client_export_batch(client, "[{\"message\": {\"a\": 1}}]", MONA_NTS, &taken));
    CHECK(accepted() - before == (sends ? 1 : 0));
}

static void expect_by_open(int sends)
{
    uint64_t before = accepted();
    CHECK_OK(mona_current_open(NULL, 0, "m", MONA_NTS, MONA_NOW));
    CHECK_OK(mona_current_export("{\"a\": 1}", MONA_NTS, MONA_NOW));
    CHECK(accepted() - before == (sends ? 1 : 0));
}

static void press(const char *value) { CHECK(setenv("MONA_DISABLE_ALL", value, 1) == 0); }

static void lift(void) { CHECK(unsetenv("MONA_DISABLE_ALL") == 0); }

static void add_variables(int count)
{
    char name[32];
    int i;
    for (i = 0; i < count; i++) {
        snprintf(name, sizeof name, "OTHER_%d", i);
        CHECK(setenv(name, "x", 1) == 0);
    }
}

static int warnings(const char *word)
{
    char line[2048];
    size_t len = 0;
    int32_t level = 0;
    int count = 0;
    while (mona_log_take(&level, line, sizeof line, &len) == MONA_OK) {
        CHECK(level == 30 && strstr(line, word) != NULL && strstr(line, "MONA_DISABLE_ALL") != NULL);
        count++;
    }
    return count;
}

int main(void)
{
    static char put[] = "MONA_DISABLE_ALL=1";
    char *own[2];
    char **theirs;
    char description[64 * 1024];
    size_t len = 0;
    int i;

    client = new_client(NULL, NULL);
    CHECK_OK(mona_client_set_default(client));
    expect(1);
    press("1");
    expect(0);
    CHECK(warnings("disabled") == 1);
    CHECK_OK(mona_client_describe(client, description, sizeof description, &len));
    CHECK(strstr(description, "\"disable_all\":{\"value\":true,\"source\":\"environment\"") != NULL);
    /* Which values switch off is the same as at the start. */
    press("no");
    expect(1);
    CHECK(warnings("enabled") == 1);
    CHECK_OK(mona_client_describe(client, description, sizeof description, &len));
    CHECK(strstr(description, "\"disable_all\":{\"value\":false,\"source\":\"default\"") != NULL);
    press("yes");
    expect_by_batch(0);
    press("");
    expect_by_batch(1);
    press("1");
    expect_by_open(0);
    lift();
    expect_by_open(1);
    expect(1);

    /* The list grows, shrinks and moves. */
    add_variables(300);
    expect(1);
    press("1");
    add_variables(600);
    expect(0);
    CHECK(unsetenv("OTHER_1") == 0);
    expect(0);
    lift();
    expect(1);
    for (i = 0; i < 3; i++) {
        CHECK(unsetenv("OTHER_2") == 0 && putenv(put) == 0);
        expect(0);
        CHECK(unsetenv("MONA_DISABLE_ALL") == 0 && setenv("OTHER_2", "y", 1) == 0);
        expect(1);
    }
    /* A host that has a list of its own, and one without any. */
    theirs = environ;
    own[0] = put;
    own[1] = NULL;
    environ = own;
    expect(0);
    own[0] = NULL;
    expect(1);
    own[0] = put;
    expect(0);
    environ = NULL;
    expect(1);
    environ = theirs;
    expect(1);
    CHECK(clearenv() == 0);
    expect(1);
    press("1");
    expect(0);
    lift();
    expect(1);
    CHECK_OK(mona_client_close(client, 60000));
    return 0;
}
