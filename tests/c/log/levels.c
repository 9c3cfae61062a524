/*
 * `levels LEVEL`: what waits for mona_log_take is of that level or above. The queue keeps the last 256
 * lines, a too small buffer keeps the line, and nothing is printed.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int32_t least = argc > 1 ? atoi(argv[1]) : 30;
    mona_client *client = mona_client_default();
    char line[2048], small[4];
    size_t len = 0, small_len = 0;
    int32_t level = 0;
    int lines = 0, warnings = 0;

    CHECK(client != NULL);
    CHECK_STATUS(MONA_E_NOT_FOUND, mona_current_close_sub("nothing", MONA_NTS));
    CHECK_STATUS(MONA_E_JSON, mona_current_export_batch("[{}]", MONA_NTS, &len));
    if (least <= 20) {
        CHECK_STATUS(MONA_E_TRUNCATED, mona_log_take(&level, small, sizeof small, &small_len));
        CHECK(small_len >= sizeof small);
        CHECK_OK(mona_log_take(&level, line, sizeof line, &len));
        CHECK(len == small_len && strlen(line) == len);
        CHECK(level >= least);
        lines++;
    }
    while (mona_log_take(&level, line, sizeof line, &len) == MONA_OK) {
        CHECK(level >= least);
        CHECK(strlen(line) == len && strchr(line, '\n') == NULL);
        lines++;
        warnings += level >= 30;
        CHECK(lines <= 256);
    }
    printf("lines=%d warnings=%d\n", lines, warnings);
    CHECK_STATUS(MONA_E_NOT_FOUND, mona_log_take(&level, line, sizeof line, &len));
    CHECK_OK(mona_client_close(client, 60000));
    return 0;
}
