/* The processes that receive: one that does the least that the protocol asks for, and the collector. */
#include "e2e.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 20 };

static const char RESPONSE[] = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

static void acknowledge(enum protocol protocol, const struct stream *stream, const uint8_t *bytes,
                        const struct message *about)
{
    uint8_t ack[64] = "\x81\xa3" "ack";
    if (protocol == HTTP) {
        stream->send(stream->of, RESPONSE, sizeof RESPONSE - 1);
        return;
    }
    EXPECT(about->id_len > 0 && about->id_len < 32);
    ack[5] = (uint8_t)(0xa0 | about->id_len);
    memcpy(ack + 6, bytes + about->id_at, about->id_len);
    stream->send(stream->of, ack, 6 + about->id_len);
}

/* The heads alone are looked at: `about` takes what an answer needs. */
static void serve(enum protocol protocol, const struct stream *stream, struct message *about,
                  struct message *largest_or_null)
{
    static uint8_t buffer[MOST_MESSAGE + READ_BYTES];
    size_t held = 0, end;
    for (;;) {
        size_t got = stream->receive(stream->of, buffer + held, sizeof buffer - held);
        if (got == 0) {
            return;
        }
        held += got;
        while ((end = end_of_message(protocol, buffer, held, protocol == FORWARD ? about : NULL)) > 0) {
            if (largest_or_null != NULL && end > largest_or_null->len) {
                EXPECT(end <= MOST_MESSAGE);
                memcpy(largest_or_null->bytes, buffer, end);
                largest_or_null->events = 0;
                EXPECT(end_of_message(protocol, buffer, end, largest_or_null) == end);
                largest_or_null->len = end;
            }
            acknowledge(protocol, stream, buffer, about);
            memmove(buffer, buffer + end, held - end);
            held -= end;
        }
    }
}

/* A child that ends with this program, however that ends. */
static int start_child(void)
{
    int parent = getpid(), pid;
    fflush(stdout);
    pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0) {
        EXPECT(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
        if (getppid() != parent) {
            _exit(0);
        }
    }
    return pid;
}

struct receiver start_sink(enum protocol protocol, const struct connector *connector,
                           struct message *largest_or_null)
{
    struct receiver receiver = { .protocol = protocol };
    int listener = loopback_socket(16, receiver.address);
    receiver.pid = start_child();
    while (receiver.pid == 0) {
        static struct message about;
        struct stream stream = connector->accept(listener);
        serve(protocol, &stream, &about, largest_or_null);
        stream.close(stream.of);
    }
    close(listener);
    return receiver;
}

struct receiver start_collector(enum protocol protocol, const char *path)
{
    static const char listening[] = "listening on ", host[] = "127.0.0.1:";
    struct receiver receiver = { .protocol = protocol };
    char said[512] = "", *found;
    size_t len = 0;
    int ends[2];
    EXPECT(pipe(ends) == 0);
    receiver.pid = start_child();
    if (receiver.pid == 0) {
        EXPECT(freopen("/dev/null", "w", stdout) != NULL);
        EXPECT(dup2(ends[1], STDERR_FILENO) >= 0);
        close(ends[0]);
        close(ends[1]);
        execl(path, path, protocol == FORWARD ? "--forward" : "--http", "127.0.0.1:0", (char *)NULL);
        perror(path);
        _exit(1);
    }
    close(ends[1]);
    while ((found = strstr(said, listening)) == NULL || strchr(found, '\n') == NULL) {
        ssize_t got = read(ends[0], said + len, sizeof said - 1 - len);
        if (got <= 0) {
            fprintf(stderr, "%s: it did not say where it listens:\n%s", path, said);
            _exit(1);
        }
        said[len += (size_t)got] = '\0';
    }
    EXPECT((found = strstr(found, host)) != NULL);
    EXPECT(sscanf(found, "%31[0-9.:]", receiver.address) == 1);
    return receiver;
}

void stop(struct receiver *receiver)
{
    int status;
    EXPECT(kill(receiver->pid, SIGTERM) == 0);
    EXPECT(waitpid(receiver->pid, &status, 0) == receiver->pid);
}
