#include "stream.h"

#include <sys/socket.h>
#include <unistd.h>

static int socket_of(void *of)
{
    return (int)(intptr_t)of;
}

static size_t receive_plain(void *of, void *bytes, size_t room)
{
    ssize_t got = recv(socket_of(of), bytes, room, 0);
    return got > 0 ? (size_t)got : 0;
}

static void send_plain(void *of, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        ssize_t sent = send(socket_of(of), at, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        at += sent;
        len -= (size_t)sent;
    }
}

static void close_plain(void *of)
{
    close(socket_of(of));
}

static struct stream stream_of(int connection)
{
    struct stream stream = { (void *)(intptr_t)connection, receive_plain, send_plain, close_plain };
    return stream;
}

static struct stream connect_plain(const char *address)
{
    return stream_of(loopback_connect(address));
}

static struct stream accept_plain(int listener)
{
    return stream_of(loopback_accept(listener));
}

const struct connector plain = { connect_plain, accept_plain };
