#include <mona.h>
#include <stdio.h>

/* The library's own sentence about what failed last. */
static int failed(void)
{
    char why[1024] = "";
    size_t length = 0;
    int is_whole = mona_last_error(why, sizeof why, &length) == MONA_OK;
    fprintf(stderr, "hello: %s%s\n", why, is_whole ? "" : " [...]");
    return 1;
}

int main(void)
{
    mona_client *client = mona_client_default(); /* made from the environment: MONA_ENDPOINT and others */
    if (client == NULL) return failed();

    if (mona_current_enter("hello-classifier", MONA_NTS, NULL, 0, MONA_NOW, NULL) != MONA_OK) return failed();
    if (mona_current_export("{\"label\": \"cat\", \"confidence\": 0.97}", MONA_NTS, MONA_NOW) != MONA_OK) return failed();
    if (mona_current_leave(MONA_INNERMOST) != MONA_OK) return failed();

    /* Waits until the collector has it, here for a second at most. */
    if (mona_client_close(client, 1000) != MONA_OK) return failed();
    return 0;
}
