/*
 * Exits with events queued for a collector that never answers. The test measures the process; the
 * program itself must not wait anywhere else.
 */
#include "../common.h"

int main(void)
{
    long n;

    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    for (n = 0; n < 10000; n++) {
        CHECK_OK(export_number("main", n));
    }
    return 0;
}
