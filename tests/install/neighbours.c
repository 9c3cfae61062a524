/* Two Rust static libraries in one program: calls both, in turns, so that neither gets the other's runtime. */
#include <mona.h>

#include <stdint.h>
#include <stdio.h>

int32_t neighbour_seven(void);

static int mona_works(void)
{
    mona_client *client = NULL;
    mona_context *run = NULL;
    mona_options *options = mona_options_new();
    size_t len;
    int works = mona_options_set(options, "endpoint", MONA_NTS, "memory:", MONA_NTS) == MONA_OK &&
                mona_client_new(options, &client) == MONA_OK &&
                mona_context_new(client, NULL, 0, "run-1", MONA_NTS, MONA_NOW, &run) == MONA_OK &&
                MONA_EXPORT(run, MONA_STR("label", "seven")) == MONA_OK && mona_client_flush(client, 5000) == MONA_OK &&
                mona_client_take(client, NULL, 0, &len) == MONA_OK;

    mona_context_free(run);
    mona_client_free(client);
    mona_options_free(options);
    return works;
}

int main(void)
{
    for (int turn = 0; turn < 2; turn++) {
        if (!mona_works()) {
            fprintf(stderr, "libmona does not work beside another Rust library\n");
            return 1;
        }
        if (neighbour_seven() != 7) {
            fprintf(stderr, "the other Rust library does not work beside libmona\n");
            return 1;
        }
    }
    return 0;
}
