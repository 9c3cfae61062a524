/*
 * `unwritable TEXT`: the file: endpoint of the environment cannot be written. No client is made, the
 * status and the log say why and hold TEXT, and calls that need the default client answer the same.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    mona_client *client = NULL;
    char detail[1024];
    size_t len = 0;

    CHECK(argc == 2);
    CHECK_STATUS(MONA_E_IO, mona_client_new(NULL, &client));
    CHECK(client == NULL);
    CHECK_OK(mona_last_error(detail, sizeof detail, &len));
    CHECK(strstr(detail, argv[1]) != NULL && strstr(detail, "expected") != NULL);
    CHECK(await_log(argv[1], 1000) >= 30);

    CHECK(mona_client_default() == NULL);
    CHECK(mona_current_open(NULL, 0, "m", MONA_NTS, MONA_NOW) != MONA_OK);
    CHECK(export_number("main", 0) != MONA_OK);
    return 0;
}
