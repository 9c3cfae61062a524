/* The first default client stays; a second attempt changes nothing. */
#include "../common.h"

int main(void)
{
    mona_client *first = new_client("user_id", "first");
    mona_client *second = new_client("user_id", "second");

    CHECK_OK(mona_client_set_default(first));
    CHECK_STATUS(MONA_E_EXISTS, mona_client_set_default(second));
    CHECK_STATUS(MONA_E_EXISTS, mona_client_set_default(first));
    CHECK(mona_client_default() == first || stats_of(mona_client_default()).accepted == 0);

    CHECK_OK(mona_current_open("ARC", MONA_NTS, "main", MONA_NTS, MONA_NOW));
    CHECK_OK(export_number("default", 0));
    CHECK(stats_of(first).accepted == 2);
    CHECK(stats_of(second).accepted == 0);
    CHECK_OK(mona_client_flush(first, 60000));
    CHECK(stats_of(first).delivered == 2);

    CHECK_OK(mona_client_close(second, 60000));
    mona_client_free(second);
    CHECK_OK(export_number("default", 1));
    CHECK_OK(mona_client_close(first, 60000));
    CHECK_OK(mona_client_close(first, 60000));
    CHECK_STATUS(MONA_E_CLOSED, export_number("default", 2));
    check_ledger(first);
    mona_client_free(first);
    return 0;
}
