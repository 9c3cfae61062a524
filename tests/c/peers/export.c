/*
 * Exports events with the client that the environment describes, waits for their delivery and prints what became of
 * them: export EVENTS MILLISECONDS.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    mona_stats stats = {.size = sizeof stats};
    struct mona_context *context = NULL;
    struct mona_client *client = mona_client_default();
    CHECK(argc == 3 && client != NULL);
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    for (int n = atoi(argv[1]); n > 0; n--) {
        char event[32];
        int length = snprintf(event, sizeof event, "{\"n\":%d}", n);
        CHECK_OK(mona_context_export(context, event, (size_t)length, MONA_NOW));
    }
    mona_status outcome = mona_client_flush(client, (uint32_t)atoi(argv[2]));
    CHECK(outcome == MONA_OK || outcome == MONA_E_TIMEOUT);
    CHECK_OK(mona_client_stats(client, &stats));
    printf("%llu accepted, %llu delivered, %llu queued\n", (unsigned long long)stats.accepted,
           (unsigned long long)stats.delivered, (unsigned long long)stats.queued_events);
    mona_context_free(context);
    return 0;
}
