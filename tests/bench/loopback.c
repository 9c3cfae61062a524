#include "loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static void send_at_once(int connection)
{
    int one = 1;
    EXPECT(setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
}

int loopback_socket(int backlog, char address[ADDRESS_ROOM])
{
    struct sockaddr_in here;
    socklen_t len = sizeof here;
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(&here, 0, sizeof here);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(made >= 0 && bind(made, (struct sockaddr *)&here, sizeof here) == 0);
    EXPECT(backlog == 0 || listen(made, backlog) == 0);
    EXPECT(getsockname(made, (struct sockaddr *)&here, &len) == 0);
    snprintf(address, ADDRESS_ROOM, "127.0.0.1:%d", ntohs(here.sin_port));
    return made;
}

int loopback_connect(const char *address)
{
    struct sockaddr_in there;
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port;
    memset(&there, 0, sizeof there);
    there.sin_family = AF_INET;
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(made >= 0 && sscanf(address, "127.0.0.1:%d", &port) == 1);
    there.sin_port = htons((uint16_t)port);
    EXPECT(connect(made, (struct sockaddr *)&there, sizeof there) == 0);
    send_at_once(made);
    return made;
}

int loopback_accept(int listener)
{
    int made = accept(listener, NULL, NULL);
    EXPECT(made >= 0);
    send_at_once(made);
    return made;
}
