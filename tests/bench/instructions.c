/*
 * A loop of one kind of call for valgrind --tool=callgrind: `instructions WHAT CALLS [--peers FILE]
 * [--spdlog FILE]`, WHAT being typed, json, context, cpp_typed, cpp_context, stack_typed, stack_json,
 * stack_main, stack_sub, last0 to last6, ignored_any, value or spdlog. Only what happens in counted_call() is to be
 * collected; the difference of two runs with different CALLS leaves out what happens once.
 */
#include "subject.h"

/* Not static, so that its name is in the program for callgrind to find. */
void counted_call(const struct subject *subject, long n);

__attribute__((noinline)) void counted_call(const struct subject *subject, long n)
{
    subject->call(&subject->target, n);
}

static const char *const OURS[] = { "typed", "json", "context", "cpp_typed", "cpp_context",
                                    "stack_typed", "stack_json", "stack_main", "stack_sub" };
enum { STACKS = 5 };

int main(int argc, char **argv)
{
    struct asked asked;
    struct subject subject;
    mona_client *client = NULL;
    const char *what;
    int place;
    long calls, n;
    EXPECT(argc >= 3);
    what = argv[1];
    calls = strtol(argv[2], NULL, 10);
    argv[2] = argv[0];
    asked = ask(argc - 2, argv + 2);
    if (strcmp(what, "spdlog") == 0) {
        subject = subject_spdlog(asked.spdlog);
    } else if (strcmp(what, "ignored_any") == 0) {
        subject = subject_ignored(asked.peers, NULL);
    } else if (strcmp(what, "value") == 0) {
        subject = subject_value(asked.peers, NULL);
    } else if (strncmp(what, "last", 4) == 0) {
        subject = subject_last(client_with("endpoint", "null:", NULL), what[4] - '0');
    } else {
        client = client_with("endpoint", "null:", NULL);
        place = place_of(what, OURS, sizeof OURS / sizeof *OURS);
        switch (place) {
        case 0:
            subject = subject_typed(client);
            break;
        case 1:
            subject = subject_json(client);
            break;
        case 2:
            subject = subject_context(client);
            break;
        case 3:
            subject = subject_cpp_typed(client);
            break;
        case 4:
            subject = subject_cpp_context(client);
            break;
        default:
            subject = subject_stack(client, (enum stack_call)(place - STACKS));
            break;
        }
    }
    for (n = 0; n < calls; n++) {
        counted_call(&subject, n);
    }
    EXPECT(subject_refused() == 0);
    EXPECT(client == NULL || mona_client_close(client, 20000) == MONA_OK);
    return 0;
}
