#include <mona.h>

int main(void)
{
    mona_client *client = mona_client_default(); /* made from the environment: MONA_ENDPOINT and others */

    mona_current_enter("hello-classifier", MONA_NTS, NULL, 0, MONA_NOW, NULL);
    mona_current_export("{\"label\": \"cat\", \"confidence\": 0.97}", MONA_NTS, MONA_NOW);
    mona_current_leave(MONA_INNERMOST);
    return mona_client_close(client, 5000) == MONA_OK ? 0 : 1;
}
