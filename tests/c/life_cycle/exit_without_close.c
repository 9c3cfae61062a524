/* Exports from the default client and returns from main: the exit flush has to deliver them. */
#include "../common.h"

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 37;
    long n;

    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    for (n = 0; n < count; n++) {
        CHECK_OK(export_number("main", n));
    }
    return 0;
}
