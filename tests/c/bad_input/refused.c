/*
 * `refused TEXT`: the environment or the config file names a destination or a key that cannot be one. No client is
 * made, by any way; the detail and one line of the log have TEXT and what is expected, and nothing is sent elsewhere.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    mona_client *client = NULL;
    char text[2048];
    size_t len = 0;
    int32_t level = 0;
    int lines = 0;

    CHECK(argc == 2);
    CHECK_STATUS(MONA_E_ARGUMENT, mona_client_new(NULL, &client));
    CHECK(client == NULL);
    CHECK_OK(mona_last_error(text, sizeof text, &len));
    CHECK(strstr(text, argv[1]) != NULL && strstr(text, "expected") != NULL);
    while (mona_log_take(&level, text, sizeof text, &len) == MONA_OK) {
        lines += level >= 30;
        CHECK(level < 30 || (strstr(text, argv[1]) != NULL && strstr(text, "expected") != NULL));
    }
    CHECK(lines == 1);

    CHECK(mona_client_default() == NULL);
    CHECK_STATUS(MONA_E_ARGUMENT, mona_current_open(NULL, 0, "m", MONA_NTS, MONA_NOW));
    CHECK_STATUS(MONA_E_ARGUMENT, export_number("main", 0));
    return 0;
}
