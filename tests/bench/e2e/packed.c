/*
 * The peer: sends a message that libmona made once, again and again, and does nothing else. Forward with
 * libmona's window and a new id for each chunk, HTTP one request after the other on one connection.
 */
#include "e2e.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Chunks on their way at once, as in libmona. */
enum { WINDOW = 4 };

struct message *capture(enum protocol protocol)
{
    struct message *first = mmap(NULL, sizeof *first, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct receiver sink;
    CHECK(first != MAP_FAILED);
    sink = start_sink(protocol, first);
    /* More than a chunk, so that the first one is full. */
    send_events(&sink, 5000, 0);
    stop(&sink);
    CHECK(first->len > 200000 && first->events > 0);
    return first;
}

static int connect_to(const struct receiver *to)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char host[64];
    int one = 1, opened = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port;
    CHECK(opened >= 0);
    CHECK(sscanf(to->address, "%63[^:]:%d", host, &port) == 2);
    CHECK(inet_pton(AF_INET, host, &address.sin_addr) == 1);
    address.sin_port = htons((uint16_t)port);
    CHECK(connect(opened, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
    return opened;
}

static void send_whole(int socket, const struct message *message)
{
    size_t sent = 0;
    while (sent < message->len) {
        ssize_t count = send(socket, message->bytes + sent, message->len - sent, MSG_NOSIGNAL);
        CHECK(count > 0);
        sent += (size_t)count;
    }
}

struct answers {
    uint8_t bytes[4096];
    size_t held;
};

static void await_answer(int socket, enum protocol protocol, struct answers *answers)
{
    size_t end;
    while ((end = end_of_answer(protocol, answers->bytes, answers->held)) == 0) {
        ssize_t got = recv(socket, answers->bytes + answers->held, sizeof answers->bytes - answers->held, 0);
        CHECK(got > 0);
        answers->held += (size_t)got;
    }
    answers->held -= end;
    memmove(answers->bytes, answers->bytes + end, answers->held);
}

struct run send_packed(const struct receiver *to, struct message *message, size_t chunks)
{
    static uint64_t next_id = 1;
    size_t window = to->protocol == FORWARD ? WINDOW : 1;
    size_t sent, answered = 0;
    struct answers answers = {.held = 0};
    double start = seconds_now(), start_cpu = cpu_of_this_thread();
    int socket = connect_to(to);
    struct run run;
    for (sent = 0; sent < chunks; sent++) {
        if (to->protocol == FORWARD) {
            char id[32];
            snprintf(id, sizeof id, "%024llx", (unsigned long long)next_id++);
            CHECK(message->id_len <= 24);
            memcpy(message->bytes + message->id_at, id, message->id_len);
        }
        send_whole(socket, message);
        for (; sent + 1 - answered >= window; answered++) {
            await_answer(socket, to->protocol, &answers);
        }
    }
    for (; answered < chunks; answered++) {
        await_answer(socket, to->protocol, &answers);
    }
    run.seconds = seconds_now() - start;
    run.sender_ns = cpu_of_this_thread() - start_cpu;
    run.events = (double)chunks * (double)message->events;
    close(socket);
    return run;
}
