/*
 * Started with its standard descriptors closed, the host prints as ever: its words must reach nobody,
 * and no descriptor of the library may ever be 0, 1 or 2. The argument is a file for what went wrong,
 * as there is no standard error; the file is opened only then.
 */
#include "../common.h"

#include <fcntl.h>

#define WORDS "the host warns on standard error: text of the host\n"

static const char *report;

static int fail(const char *what, long number)
{
    char line[256];
    int length = snprintf(line, sizeof line, "%s %ld\n", what, number);
    int file = open(report, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file >= 0 && write(file, line, (size_t)length) != length) {
        _exit(3);
    }
    return 1;
}

/* Whether nothing stands at a standard descriptor. */
static int are_closed(void)
{
    int number;
    for (number = 0; number <= 2; number++) {
        if (fcntl(number, F_GETFD) != -1) {
            return 0;
        }
    }
    return 1;
}

int main(int count, char **arguments)
{
    mona_client *client = NULL;
    mona_context *context = NULL;
    mona_status status;
    long n;

    report = count > 1 ? arguments[1] : "report";
    close(0);
    close(1);
    close(2);
    status = mona_client_new(NULL, &client);
    if (status != MONA_OK) {
        return fail("client", status);
    }
    status = mona_context_new(client, "ARC", MONA_NTS, NULL, 0, MONA_NOW, &context);
    if (status != MONA_OK) {
        return fail("context", status);
    }
    for (n = 0; n < 200; n++) {
        int number;
        status = context_export_number(context, "host", n);
        if (status != MONA_OK) {
            return fail("export", status);
        }
        for (number = 1; number <= 2; number++) {
            /* Into whatever is there for a moment it may go, where that is nobody's connection. */
            ssize_t ignored = write(number, WORDS, sizeof WORDS - 1);
            (void)ignored;
        }
        sleep_ms(5);
    }
    status = mona_client_flush(client, 20000);
    if (status != MONA_OK) {
        return fail("flush", status);
    }
    for (n = 0; n < 100; n++) {
        if (!are_closed()) {
            return fail("a standard descriptor is open", n);
        }
        sleep_ms(1);
    }
    mona_context_free(context);
    status = mona_client_close(client, 20000);
    if (status != MONA_OK) {
        return fail("close", status);
    }
    mona_client_free(client);
    return 0;
}
