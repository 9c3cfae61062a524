/* A program that is linked with libmona and makes no client: no thread, no descriptor, no output. */
#include "../common.h"

int main(void)
{
    int descriptors_before = descriptors();
    mona_options *options = mona_options_new();

    CHECK(mona_version() != NULL && mona_version()[0] != '\0');
    CHECK(strcmp(mona_status_text(MONA_OK), mona_status_text(MONA_E_JSON)) != 0);
    CHECK(options != NULL);
    CHECK_OK(mona_options_set(options, "queue_size", MONA_NTS, "7", MONA_NTS));
    mona_options_free(options);
    mona_options_free(NULL);
    mona_client_free(NULL);
    mona_context_free(NULL);

    CHECK(threads() == 1);
    CHECK(descriptors() == descriptors_before);
    return 0;
}
