/* The processes that receive: one that does the least that the protocol asks for, and the collector. */
#include "e2e.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { READ_BYTES = 1 << 20 };

static const char RESPONSE[] = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

static void send_all(int socket, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        ssize_t sent = send(socket, at, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            _exit(0);
        }
        at += sent;
        len -= (size_t)sent;
    }
}

static void acknowledge(enum protocol protocol, int socket, const uint8_t *bytes, const struct message *about)
{
    uint8_t ack[64] = "\x81\xa3" "ack";
    if (protocol == HTTP) {
        send_all(socket, RESPONSE, sizeof RESPONSE - 1);
        return;
    }
    CHECK(about->id_len > 0 && about->id_len < 32);
    ack[5] = (uint8_t)(0xa0 | about->id_len);
    memcpy(ack + 6, bytes + about->id_at, about->id_len);
    send_all(socket, ack, 6 + about->id_len);
}

/* The heads alone are looked at: `about` takes what an answer needs. */
static void serve(enum protocol protocol, int socket, struct message *about, struct message *first_or_null)
{
    static uint8_t buffer[MOST_MESSAGE + READ_BYTES];
    size_t held = 0, end;
    for (;;) {
        ssize_t got = recv(socket, buffer + held, sizeof buffer - held, 0);
        if (got <= 0) {
            return;
        }
        held += (size_t)got;
        while ((end = end_of_message(protocol, buffer, held, protocol == FORWARD ? about : NULL)) > 0) {
            if (first_or_null != NULL && first_or_null->len == 0) {
                CHECK(end <= MOST_MESSAGE);
                memcpy(first_or_null->bytes, buffer, end);
                CHECK(end_of_message(protocol, buffer, end, first_or_null) == end);
                first_or_null->len = end;
            }
            acknowledge(protocol, socket, buffer, about);
            memmove(buffer, buffer + end, held - end);
            held -= end;
        }
    }
}

/* A child that ends with this program, however that ends. */
static int start_child(void)
{
    int parent = getpid();
    int pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
        if (getppid() != parent) {
            _exit(0);
        }
    }
    return pid;
}

struct receiver start_sink(enum protocol protocol, struct message *first_or_null)
{
    struct receiver receiver = {.protocol = protocol};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(listener >= 0);
    CHECK(bind(listener, (struct sockaddr *)&address, len) == 0);
    CHECK(listen(listener, 16) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
    snprintf(receiver.address, sizeof receiver.address, "127.0.0.1:%d", ntohs(address.sin_port));
    receiver.pid = start_child();
    while (receiver.pid == 0) {
        static struct message about;
        int one = 1, connection = accept(listener, NULL, NULL);
        CHECK(connection >= 0);
        CHECK(setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
        serve(protocol, connection, &about, first_or_null);
        close(connection);
    }
    close(listener);
    return receiver;
}

struct receiver start_collector(enum protocol protocol, const char *path)
{
    static const char listening[] = "listening on ", host[] = "127.0.0.1:";
    struct receiver receiver = {.protocol = protocol};
    char said[512] = "", *found;
    size_t len = 0;
    int ends[2];
    CHECK(pipe(ends) == 0);
    receiver.pid = start_child();
    if (receiver.pid == 0) {
        CHECK(freopen("/dev/null", "w", stdout) != NULL);
        CHECK(dup2(ends[1], STDERR_FILENO) >= 0);
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
    CHECK((found = strstr(found, host)) != NULL);
    CHECK(sscanf(found, "%63[0-9.:]", receiver.address) == 1);
    return receiver;
}

void stop(struct receiver *receiver)
{
    int status;
    CHECK(kill(receiver->pid, SIGTERM) == 0);
    CHECK(waitpid(receiver->pid, &status, 0) == receiver->pid);
}
