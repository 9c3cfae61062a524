#include "apart.h"

#include <sys/wait.h>
#include <unistd.h>

/* Share of a round that goes first without being timed. */
enum { WARM_UP = 4 };

static struct timed time_here(struct subject (*make)(int what), int what, enum way way, long calls)
{
    struct subject subject = make(what);
    struct timed result;
    (void)subject_loop(&subject, subject.calls / WARM_UP);
    subject_settle(&subject);
    result = timed(way, &subject, calls > 0 ? calls : subject.calls);
    EXPECT(subject_refused() == 0);
    if (subject.target.client != NULL) {
        EXPECT(mona_client_close(subject.target.client, 5000) == MONA_OK);
    }
    return result;
}

struct timed timed_apart(struct subject (*make)(int what), int what, enum way way, long calls)
{
    struct timed result;
    int answer[2], status;
    pid_t process;
    EXPECT(pipe(answer) == 0);
    fflush(stdout);
    process = fork();
    EXPECT(process >= 0);
    if (process == 0) {
        result = time_here(make, what, way, calls);
        EXPECT(write(answer[1], &result, sizeof result) == (ssize_t)sizeof result);
        _exit(0);
    }
    close(answer[1]);
    EXPECT(read(answer[0], &result, sizeof result) == (ssize_t)sizeof result);
    close(answer[0]);
    EXPECT(waitpid(process, &status, 0) == process);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return result;
}
