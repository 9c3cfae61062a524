#include "apart.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Becomes the process of the turn. */
static void become(const struct asked *asked, enum library library, const char *const *words)
{
    const char *arguments[MOST_WORDS + 40];
    int count = 0, i;
    EXPECT(asked->argc + MOST_WORDS + 4 < (int)(sizeof arguments / sizeof arguments[0]));
    for (i = 0; i < asked->argc; i++) {
        arguments[count++] = asked->argv[i];
    }
    if (library == BASE) {
        /* It has the name that the program asks for, so the loader takes no second one. */
        EXPECT(setenv("LD_PRELOAD", asked->base, 1) == 0);
        arguments[count++] = "--library";
        arguments[count++] = asked->base;
    }
    arguments[count++] = "--turn";
    for (i = 0; words[i] != NULL; i++) {
        EXPECT(i < MOST_WORDS);
        arguments[count++] = words[i];
    }
    arguments[count] = NULL;
    execv("/proc/self/exe", (char *const *)arguments);
    perror("/proc/self/exe");
    _exit(1);
}

struct apart apart_start(const struct asked *asked, enum library library, const char *const *words)
{
    struct apart apart;
    int answer[2];
    EXPECT(pipe2(answer, O_CLOEXEC) == 0);
    fflush(stdout);
    apart.process = fork();
    EXPECT(apart.process >= 0);
    if (apart.process == 0) {
        EXPECT(dup2(answer[1], STDOUT_FILENO) >= 0);
        become(asked, library, words);
    }
    close(answer[1]);
    apart.answer = fdopen(answer[0], "r");
    EXPECT(apart.answer != NULL);
    return apart;
}

void apart_await(struct apart *apart, double *values, int count)
{
    int status, i, found = 0;
    for (i = 0; i < count; i++) {
        found += fscanf(apart->answer, "%lf", &values[i]) == 1;
    }
    EXPECT(waitpid(apart->process, &status, 0) == apart->process);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT(found == count);
    fclose(apart->answer);
}

void apart_answer(const double *values, int count)
{
    int i;
    for (i = 0; i < count; i++) {
        printf("%.17g\n", values[i]);
    }
    EXPECT(fflush(stdout) == 0);
}
