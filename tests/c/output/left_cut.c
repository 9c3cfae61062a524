/*
 * Two clients on a pipe that nobody reads: the first is closed in the middle of a line while the second waits for its
 * turn. What the second writes once the pipe is read begins on a line of its own.
 */
#include "../common.h"

#include <fcntl.h>
#include <poll.h>

static char seen[1 << 20];
static size_t count;

/* Takes what is in the pipe, without waiting. */
static void drain(int reader)
{
    ssize_t taken;
    while ((taken = read(reader, seen + count, sizeof(seen) - 1 - count)) > 0) {
        count += (size_t)taken;
    }
}

int main(void)
{
    enum { bytes = 200000 };
    char *event = malloc(bytes + 64);
    mona_client *clients[2];
    mona_context *contexts[2];
    struct pollfd output = {STDOUT_FILENO, POLLOUT, 0};
    const char *second;
    int ends[2], i;

    CHECK(event != NULL && pipe(ends) == 0);
    CHECK(dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO && close(ends[1]) == 0);
    CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    CHECK(setenv("MONA_IO_TIMEOUT_MS", "60000", 1) == 0);
    for (i = 0; i < 2; i++) {
        clients[i] = new_client("endpoint", "stdout:");
        CHECK_OK(mona_context_new(clients[i], NULL, 0, "m", MONA_NTS, MONA_NOW, &contexts[i]));
    }
    memset(event, 'x', bytes);
    memcpy(event, "{\"m\":\"", 6);
    memcpy(event + bytes - 2, "\"}", 3);
    CHECK_OK(mona_context_export(contexts[0], event, MONA_NTS, MONA_NOW));
    while (poll(&output, 1, 0) == 1) {
        sleep_ms(5);
    }
    CHECK_OK(mona_context_export(contexts[1], "{\"m\":\"second\"}", MONA_NTS, MONA_NOW));
    /* Time to be waiting for its turn. */
    sleep_ms(300);
    CHECK_STATUS(MONA_E_TIMEOUT, mona_client_close(clients[0], 50));
    for (i = 0; i < 2000 && stats_of(clients[1]).delivered == 0; i++) {
        drain(ends[0]);
        sleep_ms(10);
    }
    CHECK(stats_of(clients[1]).delivered == 1);
    drain(ends[0]);
    second = strstr(seen + 1, "{\"tag\"");
    CHECK(second != NULL && second[-1] == '\n' && strstr(second, "second") != NULL);
    for (i = 0; i < 2; i++) {
        mona_context_free(contexts[i]);
        mona_client_free(clients[i]);
    }
    free(event);
    return 0;
}
