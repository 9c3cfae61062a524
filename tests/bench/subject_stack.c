/* What subject_typed(), subject_json() and subject_context() are, through a stack. */
#include "subject.h"

static mona_stack *inside;

static void count(mona_status status)
{
    if (status != MONA_OK) {
        subject_refuse();
    }
}

static void call_typed(const struct target *target, long n)
{
    const mona_field fields[] = { TYPICAL_FIELDS(confidence_of(n), latency_of(n), 32) };
    (void)target;
    count(mona_stack_export_fields(inside, fields, TYPICAL_FIELD_COUNT, NULL, NULL));
}

static void call_json(const struct target *target, long n)
{
    (void)target;
    (void)n;
    count(mona_stack_export(inside, TYPICAL_JSON, TYPICAL_LEN, NULL, NULL));
}

static void leave(mona_stack *in, uint64_t scope)
{
    mona_stack *out = NULL;
    count(mona_stack_leave(in, scope, &out));
    mona_stack_free(in);
    mona_stack_free(out);
}

static void call_main(const struct target *target, long n)
{
    mona_field name = MONA_STR("", "image-classifier");
    mona_stack *in = NULL;
    uint64_t scope = 0;
    (void)n;
    count(mona_stack_enter(target->client, NULL, &name, NULL, 0, NULL, &scope, &in));
    leave(in, scope);
}

static void call_sub(const struct target *target, long n)
{
    mona_field name = MONA_STR("", "preprocess");
    mona_stack *in = NULL;
    uint64_t scope = 0;
    (void)target;
    (void)n;
    count(mona_stack_enter_sub(inside, &name, "preprocess", sizeof "preprocess" - 1, &scope, &in));
    leave(in, scope);
}

struct subject subject_stack(mona_client *client, enum stack_call call)
{
    static void (*const calls[])(const struct target *, long) = { call_typed, call_json, call_main, call_sub };
    struct subject subject = subject_of_mona(client, NULL);
    uint64_t scope = 0;
    EXPECT(mona_stack_enter(client, NULL, NULL, NULL, 0, NULL, &scope, &inside) == MONA_OK);
    subject.call = calls[call];
    subject.calls = call == STACK_TYPED ? 400000 : call == STACK_JSON ? 300000 : 100000;
    return subject;
}
