/*
 * What a client costs while nothing is exported: processor time of a process with an idle client above that
 * of one that only sleeps, both at the same time. Connected: to a collector that stays and takes no acks.
 */
#include "subject.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind { SLEEPING, NULL_ENDPOINT, CONNECTED, KINDS };

static double cpu_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

/* Milliseconds of processor time a second, once the client has settled down. */
static double idle(enum kind kind, const char *endpoint, long seconds)
{
    double before;
    if (kind != SLEEPING) {
        mona_client *client =
            client_with("endpoint", kind == CONNECTED ? endpoint : "null:", "ack", "false", NULL);
        EXPECT(MONA_EXPORT(context_of(client), TYPICAL_FIELDS(0.97, 12.5, 32)) == MONA_OK);
        EXPECT(mona_client_flush(client, 5000) == MONA_OK);
    }
    sleep_ms(2000);
    before = cpu_ms();
    sleep_ms(seconds * 1000);
    return (cpu_ms() - before) / (double)seconds;
}

int main(int argc, char **argv)
{
    struct asked asked = ask(argc, argv);
    static struct rounds found[KINDS];
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    int rounds = asked.quick ? 1 : 2, listener, at, n;
    enum { AT_ONCE = 4 };
    int answers[KINDS * AT_ONCE];
    pid_t processes[KINDS * AT_ONCE];
    char endpoint[40];

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    /* Connections stay in the backlog and what little comes stays in their buffers. */
    EXPECT(listen(listener, 64) == 0 && getsockname(listener, (struct sockaddr *)&address, &len) == 0);
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    while (rounds-- > 0) {
        for (at = 0; at < KINDS * AT_ONCE; at++) {
            int answer[2];
            EXPECT(pipe(answer) == 0);
            fflush(stdout);
            processes[at] = fork();
            EXPECT(processes[at] >= 0);
            if (processes[at] == 0) {
                double value = idle((enum kind)(at % KINDS), endpoint, asked.quick ? 2 : 8);
                EXPECT(write(answer[1], &value, sizeof value) == (ssize_t)sizeof value);
                _exit(0);
            }
            close(answer[1]);
            answers[at] = answer[0];
        }
        for (at = 0; at < KINDS * AT_ONCE; at++) {
            double value;
            int status;
            EXPECT(read(answers[at], &value, sizeof value) == (ssize_t)sizeof value);
            EXPECT(waitpid(processes[at], &status, 0) == processes[at] && status == 0);
            close(answers[at]);
            rounds_add(&found[at % KINDS], value);
        }
    }
    for (at = NULL_ENDPOINT; at < KINDS; at++) {
        for (n = 0; n < found[at].count; n++) {
            found[at].value[n] -= rounds_median(&found[SLEEPING]);
        }
    }
    print_rounds("idle.sleeping.ms_per_s", "ms/s", &found[SLEEPING]);
    print_rounds("idle.null.ms_per_s", "ms/s", &found[NULL_ENDPOINT]);
    print_rounds("idle.connected.ms_per_s", "ms/s", &found[CONNECTED]);
    close(listener);
    return 0;
}
