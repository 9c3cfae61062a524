/*
 * `set_user_id [NAME=VALUE...]`: makes a client with these options, exports one event and closes. Prints whether the
 * system says that the environment is not to be believed, then each option that came from the environment, each line
 * of the log about the environment, and what became of the event.
 */
#include "../common.h"

#include <sys/auxv.h>

static void print_sources(const char *description)
{
    const char *at = description;
    while ((at = strstr(at, "\"source\":\"environment\"")) != NULL) {
        /* {"name":{"live":...,"source":"environment",...}: back to the name. */
        const char *open = at;
        while (open > description && *open != '{') {
            open--;
        }
        const char *end = open - 2;
        const char *start = end;
        while (start > description && start[-1] != '"') {
            start--;
        }
        printf("from the environment: %.*s\n", (int)(end - start), start);
        at++;
    }
}

int main(int argc, char **argv)
{
    static char description[64 * 1024];
    mona_options *options = mona_options_new();
    mona_client *client = NULL;
    mona_context *context = NULL;
    mona_stats stats;
    char line[2048];
    size_t len = 0;
    int32_t level = 0;
    int i;

    puts(getauxval(AT_SECURE) != 0 ? "secure" : "plain");
    CHECK_OK(mona_options_set(options, "log_level", MONA_NTS, "20", MONA_NTS));
    for (i = 1; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        CHECK(equals != NULL);
        CHECK_OK(mona_options_set(options, argv[i], (size_t)(equals - argv[i]), equals + 1, MONA_NTS));
    }
    if (mona_client_new(options, &client) != MONA_OK) {
        puts("no client");
        return 0;
    }
    mona_options_free(options);
    CHECK_OK(mona_client_describe(client, description, sizeof description, &len));
    print_sources(description);
    CHECK_OK(mona_context_new(client, "ARC", MONA_NTS, "m", MONA_NTS, MONA_NOW, &context));
    CHECK_OK(mona_context_export(context, "{\"a\": 1}", MONA_NTS, MONA_NOW));
    MONA_IGNORE(mona_client_flush(client, 700));
    stats = stats_of(client);
    puts(stats.delivered > 0 ? "delivered" : stats.skipped_disabled > 0 ? "disabled" : "kept");
    while (mona_log_take(&level, line, sizeof line, &len) == MONA_OK) {
        if (strncmp(line, "environment", strlen("environment")) == 0) {
            printf("%d %s\n", (int)level, line);
        }
    }
    MONA_IGNORE(mona_client_close(client, 100));
    mona_context_free(context);
    mona_client_free(client);
    return 0;
}
