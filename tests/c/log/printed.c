/* Makes a few log lines; the test looks at what was printed. */
#include "../common.h"

int main(void)
{
    CHECK(mona_client_default() != NULL);
    CHECK_STATUS(MONA_E_NOT_FOUND, mona_current_close_sub("a-sub-context", MONA_NTS));
    CHECK_OK(mona_current_open(NULL, 0, "m", MONA_NTS, MONA_NOW));
    CHECK_OK(export_number("main", 0));
    CHECK_OK(mona_client_close(mona_client_default(), 5000));
    return 0;
}
