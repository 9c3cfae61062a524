/* The calls on stacks, for cancel.c, which includes this behind its macros. */
#ifndef STACKS_H
#define STACKS_H

/* A stack inside a main context, for the calls that move on from one. */
static mona_stack *entered(uint64_t *scope)
{
    mona_stack *in = NULL;
    CHECK_OK(mona_stack_enter(client, NULL, NULL, "main", MONA_NTS, NULL, scope, &in));
    return in;
}

/* A move from such a stack. */
#define MOVE(call)                      \
    do {                                \
        mona_stack *to = NULL;          \
        mona_field name = MONA_STR("", "class"); \
        uint64_t scope, sub = 0;        \
        mona_stack *in = entered(&scope); \
        CALL(call);                     \
        mona_stack_free(to);            \
        mona_stack_free(in);            \
        (void)name;                     \
        (void)sub;                      \
    } while (0)

static void stack_enter_sub(void) { MOVE(mona_stack_enter_sub(in, &name, NULL, 0, &sub, &to)); }
static void stack_leave(void) { MOVE(mona_stack_leave(in, scope, &to)); }
static void stack_open_sub(void) { MOVE(mona_stack_open_sub(in, &name, NULL, 0, &to)); }
static void stack_close_sub(void) { MOVE(mona_stack_close_sub(in, "step", MONA_NTS, &to)); }
static void stack_reset(void) { MOVE(mona_stack_reset(in, &to)); }
static void stack_id(void) { MOVE(mona_stack_id(in, text, sizeof text, &len)); }
static void stack_export(void) { MOVE(mona_stack_export(in, EVENT, MONA_NTS, NULL, NULL)); }
static void stack_export_wrong(void) { MOVE(mona_stack_export(in, "{\"n\": ", MONA_NTS, NULL, NULL)); }
static void stack_enter_joined(void) { MOVE(mona_stack_enter(client, in, &name, NULL, 0, NULL, &sub, &to)); }

static void stack_export_batch(void)
{
    MOVE(mona_stack_export_batch(client, in, "[{\"message\": " EVENT "}]", MONA_NTS, &len));
}

static void stack_enter(void)
{
    mona_field name = MONA_STR("", "class");
    mona_stack *to = NULL;
    uint64_t scope = 0;
    CALL(mona_stack_enter(client, NULL, &name, NULL, 0, &name, &scope, &to));
    mona_stack_free(to);
}

static void stack_open(void)
{
    mona_field name = MONA_STR("", "class");
    mona_stack *to = NULL;
    CALL(mona_stack_open(client, NULL, &name, NULL, 0, NULL, &to));
    mona_stack_free(to);
}

static void stack_export_fields(void)
{
    const mona_field fields[] = { FIELDS };
    MOVE(mona_stack_export_fields(in, fields, 2, NULL, NULL));
}

static void stack_export_nowhere(void) { CALL(mona_stack_export(NULL, EVENT, MONA_NTS, NULL, NULL)); }

static void stack_free(void)
{
    uint64_t scope = 0;
    mona_stack *in = entered(&scope);
    CALL((mona_stack_free(in), 0));
}

#endif
