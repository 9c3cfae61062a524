/*
 * Wrong values in the environment and the config file: one warning each in the log that names the
 * option, the next source counts, and events are delivered.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    char line[2048];
    size_t len = 0;
    int32_t level = 0;
    int i, warnings = 0;
    mona_client *client = mona_client_default();

    CHECK(client != NULL);
    CHECK_OK(mona_current_open(NULL, 0, "m", MONA_NTS, MONA_NOW));
    CHECK_OK(export_number("main", 0));
    CHECK_OK(mona_client_flush(client, 60000));
    CHECK(stats_of(client).delivered == 1);
    while (mona_log_take(&level, line, sizeof line, &len) == MONA_OK) {
        int named = 0;
        if (level < 30) {
            continue;
        }
        warnings++;
        for (i = 1; i < argc; i++) {
            named += strstr(line, argv[i]) != NULL;
        }
        if (named == 0) {
            fprintf(stderr, "unexpected line: %s\n", line);
            return 1;
        }
    }
    if (warnings != argc - 1) {
        fprintf(stderr, "%d warnings, %d are expected\n", warnings, argc - 1);
        return 1;
    }
    CHECK_OK(mona_client_close(client, 60000));
    return 0;
}
