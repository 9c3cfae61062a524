/*
 * Two hundred tasks take turns on four threads, each with a stack of its own: whatever thread a step of a task runs on, its
 * records belong to its context. Meanwhile all threads export through one stack that they share, and move on from it.
 * Prints nothing.
 */
#include "../common.h"

#include <pthread.h>

enum { TASKS = 200, THREADS = 4, STEPS = 6, SHARED = 500 };

struct task {
    int number, step;
    mona_stack *stack;
    uint64_t scope, sub;
};

static mona_client *client;
static mona_stack *shared;
static struct task tasks[TASKS];
/* A ring of the tasks that wait for their next step. */
static struct task *waiting[TASKS];
static int first, count, unfinished = TASKS;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void go_on(struct task *task, mona_stack *to)
{
    mona_stack_free(task->stack);
    task->stack = to;
}

static void export_from(const struct task *task)
{
    char event[64];
    int32_t taken = 0;
    snprintf(event, sizeof event, "{\"task\": %d}", task->number);
    CHECK_OK(mona_stack_export(task->stack, event, MONA_NTS, NULL, &taken));
    CHECK(taken == 1);
}

/* Between two steps of a task others run, on this thread too. */
static void step(struct task *task)
{
    mona_field name = MONA_STR("", "task");
    mona_stack *to = NULL;
    char id[64];
    switch (task->step++) {
    case 0:
        snprintf(id, sizeof id, "task-%d", task->number);
        CHECK_OK(mona_stack_enter(client, NULL, &name, id, MONA_NTS, NULL, &task->scope, &to));
        go_on(task, to);
        break;
    case 1:
        export_from(task);
        break;
    case 2:
        CHECK_OK(mona_stack_enter_sub(task->stack, NULL, "step", MONA_NTS, &task->sub, &to));
        go_on(task, to);
        break;
    case 3:
        export_from(task);
        break;
    case 4:
        CHECK_OK(mona_stack_leave(task->stack, task->sub, &to));
        go_on(task, to);
        export_from(task);
        break;
    default:
        CHECK_OK(mona_stack_leave(task->stack, task->scope, &to));
        CHECK(to == NULL);
        go_on(task, NULL);
        break;
    }
}

static void share(void)
{
    mona_field name = MONA_STR("", "part");
    int n;
    for (n = 0; n < SHARED; n++) {
        mona_stack *to = NULL, *back = NULL;
        uint64_t scope = 0;
        CHECK_OK(mona_stack_export(shared, "{\"shared\": 1}", MONA_NTS, NULL, NULL));
        CHECK_OK(mona_stack_enter_sub(shared, &name, "part", MONA_NTS, &scope, &to));
        CHECK_OK(mona_stack_export(to, "{\"shared\": 1}", MONA_NTS, NULL, NULL));
        CHECK_OK(mona_stack_leave(to, scope, &back));
        mona_stack_free(to);
        CHECK_OK(mona_stack_export(back, "{\"shared\": 1}", MONA_NTS, NULL, NULL));
        mona_stack_free(back);
    }
}

static void *work(void *nothing)
{
    share();
    for (;;) {
        struct task *task = NULL;
        int is_over;
        pthread_mutex_lock(&lock);
        is_over = unfinished == 0;
        if (count > 0) {
            task = waiting[first];
            first = (first + 1) % TASKS;
            count--;
        }
        pthread_mutex_unlock(&lock);
        if (is_over) {
            return nothing;
        }
        if (task == NULL) {
            sleep_ms(1);
            continue;
        }
        step(task);
        pthread_mutex_lock(&lock);
        if (task->step == STEPS) {
            unfinished--;
        } else {
            waiting[(first + count++) % TASKS] = task;
        }
        pthread_mutex_unlock(&lock);
    }
}

/* The text behind a key of a record; what is not there is NULL. */
static const char *behind(const char *record, const char *key)
{
    const char *found = strstr(record, key);
    return found == NULL ? NULL : found + strlen(key);
}

int main(void)
{
    mona_options *options = mona_options_new();
    pthread_t threads[THREADS];
    int exports[TASKS][2] = { { 0, 0 } };
    int n, of_shared = 0, foreign = 0;
    uint64_t scope = 0;
    char record[512];
    size_t len = 0;

    CHECK_OK(mona_options_set(options, "endpoint", MONA_NTS, "memory:", MONA_NTS));
    CHECK_OK(mona_client_new(options, &client));
    mona_options_free(options);
    CHECK_OK(mona_stack_enter(client, NULL, NULL, "shared", MONA_NTS, NULL, &scope, &shared));
    for (n = 0; n < TASKS; n++) {
        tasks[n].number = n;
        waiting[count++] = &tasks[n];
    }
    for (n = 0; n < THREADS; n++) {
        CHECK(pthread_create(&threads[n], NULL, work, NULL) == 0);
    }
    for (n = 0; n < THREADS; n++) {
        CHECK(pthread_join(threads[n], NULL) == 0);
    }
    mona_stack_free(shared);
    CHECK_OK(mona_client_flush(client, 60000));
    while (mona_client_take(client, record, sizeof record, &len) == MONA_OK) {
        const char *context = behind(record, "\"context\":\""), *task = behind(record, "\"task\":");
        CHECK(context != NULL);
        if (behind(record, "\"shared\":") != NULL) {
            of_shared++;
            foreign += strncmp(context, "shared\"", 7) != 0 && strncmp(context, "shared.part\"", 12) != 0;
        } else if (task != NULL) {
            int number = atoi(task);
            char id[64];
            CHECK(number >= 0 && number < TASKS);
            snprintf(id, sizeof id, "task-%d\"", number);
            if (strncmp(context, id, strlen(id)) == 0) {
                exports[number][0]++;
            } else {
                snprintf(id, sizeof id, "task-%d.step\"", number);
                foreign += strncmp(context, id, strlen(id)) != 0;
                exports[number][1]++;
            }
        }
    }
    CHECK(foreign == 0);
    CHECK(of_shared == 3 * SHARED * THREADS);
    for (n = 0; n < TASKS; n++) {
        CHECK(exports[n][0] == 2 && exports[n][1] == 1);
    }
    mona_client_free(client);
    return 0;
}
