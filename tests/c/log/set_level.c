/*
 * `set_level CONFIG`: mona_log_set_level holds for all clients, until an option or the config file says otherwise for
 * one.
 */
#include "../common.h"

/* Lines of a level that wait, of which all are taken. */
static int lines_of(int32_t wanted)
{
    char line[4096];
    size_t len;
    int32_t level;
    int lines = 0;
    while (mona_log_take(&level, line, sizeof line, &len) == MONA_OK) {
        lines += level == wanted;
    }
    return lines;
}

static void write_config(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* An error of each kind is said once a minute: a client of its own for each. */
static int hears_errors(const char *option, const char *value)
{
    mona_client *client = new_client(option, value);
    mona_context *context;
    size_t accepted;
    (void)lines_of(0);
    CHECK_STATUS(MONA_E_JSON, mona_client_export_batch(client, "[", MONA_NTS, &accepted));
    CHECK_OK(mona_context_new(client, NULL, 0, "m", MONA_NTS, MONA_NOW, &context));
    mona_context_free(context);
    CHECK_OK(mona_client_close(client, 60000));
    mona_client_free(client);
    return lines_of(MONA_LOG_ERROR) > 0;
}

static mona_status reloads(const mona_client *client, uint64_t number)
{
    double end = seconds_now() + 60;
    while (stats_of(client).config_reloads < number) {
        if (seconds_now() > end) {
            return MONA_E_TIMEOUT;
        }
        sleep_ms(20);
    }
    return MONA_OK;
}

static int hears(mona_client *client)
{
    size_t accepted;
    (void)lines_of(0);
    CHECK_STATUS(MONA_E_JSON, mona_client_export_batch(client, "[", MONA_NTS, &accepted));
    return lines_of(MONA_LOG_ERROR) > 0;
}

int main(int argc, char **argv)
{
    mona_client *early, *followed;

    CHECK(argc > 1);
    early = new_client(NULL, NULL);
    write_config(argv[1], "{}");
    followed = new_client("config_file", argv[1]);

    CHECK_STATUS(MONA_E_ARGUMENT, mona_log_set_level(-1));
    CHECK_STATUS(MONA_E_ARGUMENT, mona_log_set_level(51));
    CHECK(hears_errors(NULL, NULL));

    /* Those there are, and those made later, but not one that is told otherwise. */
    CHECK_OK(mona_log_set_level(50));
    CHECK(!hears(early));
    CHECK(!hears_errors(NULL, NULL));
    CHECK(!hears_errors("drop_fields", "a"));
    CHECK(hears_errors("log_level", "40"));
    CHECK_OK(mona_log_set_level(35));
    CHECK(hears_errors(NULL, NULL));

    /* A file that says nothing of it changes nothing; one that does, does. */
    CHECK_OK(mona_log_set_level(50));
    write_config(argv[1], "{\"drop_fields\": \"a\"}");
    CHECK_OK(reloads(followed, 1));
    CHECK(!hears(followed));
    write_config(argv[1], "{\"drop_fields\": \"a\", \"log_level\": 20}");
    CHECK_OK(reloads(followed, 2));
    CHECK(hears(followed));
    CHECK(!hears(early));
    CHECK_OK(mona_log_set_level(0));
    CHECK(hears(early));

    CHECK_OK(mona_client_close(early, 60000));
    CHECK_OK(mona_client_close(followed, 60000));
    return 0;
}
