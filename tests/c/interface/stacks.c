/*
 * Every function on stacks with everything wrong in turn, while disabled, before the first client and after close.
 * Whatever a move answers, it writes a stack and a scope that can be used.
 */
#include "check.h"

static const size_t wrong[] = {MONA_NTS - 1, (size_t)PTRDIFF_MAX + 1, MONA_NTS - 4096};
static const char *const broken[] = {"\xff", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"};
enum { WRONG = sizeof wrong / sizeof wrong[0], BROKEN = sizeof broken / sizeof broken[0] };

/* Something that no move gives. */
static char nowhere;
#define UNWRITTEN ((mona_stack *)(void *)&nowhere)

static const char *id_of(const mona_stack *stack) {
  static char id[256];
  size_t len = 77;
  STATUS(MONA_OK, mona_stack_id(stack, id, sizeof id, &len));
  CHECK(strlen(id) == len);
  return id;
}

/* A move from `from` that must leave it as it is: an equal stack and a scope that does nothing. */
#define NOT_MOVED(expected, from, call)        \
  do {                                         \
    mona_stack *to = UNWRITTEN;                \
    mona_stack *left = UNWRITTEN;              \
    uint64_t scope = 0;                        \
    char before_[256];                         \
    strcpy(before_, id_of(from));              \
    STATUS(expected, (call));                  \
    CHECK(to != UNWRITTEN);                    \
    CHECK((to == NULL) == ((from) == NULL));   \
    CHECK(strcmp(id_of(to), before_) == 0);    \
    STATUS(MONA_OK, mona_stack_leave(to, scope, &left)); \
    CHECK(strcmp(id_of(left), before_) == 0);  \
    mona_stack_free(left);                     \
    mona_stack_free(to);                       \
    (void)scope;                               \
  } while (0)

/* The moves that take a class, with a class that cannot be used. */
static void wrong_class(mona_client *client, mona_stack *in, const mona_field *class, mona_status expected) {
  NOT_MOVED(expected, NULL, mona_stack_enter(client, NULL, class, NULL, 0, NULL, &scope, &to));
  NOT_MOVED(expected, in, mona_stack_enter_sub(in, class, NULL, 0, &scope, &to));
  NOT_MOVED(expected, NULL, mona_stack_open(client, NULL, class, NULL, 0, NULL, &to));
  NOT_MOVED(expected, in, mona_stack_open_sub(in, class, NULL, 0, &to));
}

static void wrong_id(mona_client *client, mona_stack *in, const char *id, size_t len, mona_status expected) {
  NOT_MOVED(expected, NULL, mona_stack_enter(client, NULL, NULL, id, len, NULL, &scope, &to));
  NOT_MOVED(expected, in, mona_stack_enter_sub(in, NULL, id, len, &scope, &to));
  NOT_MOVED(expected, NULL, mona_stack_open(client, NULL, NULL, id, len, NULL, &to));
  NOT_MOVED(expected, in, mona_stack_open_sub(in, NULL, id, len, &to));
  NOT_MOVED(expected, in, mona_stack_close_sub(in, id, len, &to));
}

/* What is wrong with a timestamp other than its value. */
static void wrong_time(mona_client *client, mona_stack *in, const mona_field *time, mona_status expected) {
  const mona_field fields[] = {MONA_I64("a", 1)};
  int32_t taken = 77;
  NOT_MOVED(expected, NULL, mona_stack_enter(client, NULL, NULL, NULL, 0, time, &scope, &to));
  NOT_MOVED(expected, NULL, mona_stack_open(client, NULL, NULL, NULL, 0, time, &to));
  STATUS(expected, mona_stack_export(in, "{\"a\":1}", MONA_NTS, time, &taken));
  STATUS(expected, mona_stack_export_fields(in, fields, 1, time, &taken));
  CHECK(taken == 77);
}

static void wrong_arguments(mona_client *client, mona_stack *in) {
  const mona_field fields[] = {MONA_I64("a", 1)};
  mona_field field = MONA_STR("", "class");
  union {
    char bytes[3 * sizeof(mona_field)];
    mona_field field;
  } room;
  size_t i, len = 77, accepted = 77, none = 77;
  int32_t taken = 77;
  memset(&room, 0, sizeof room);

  for (i = 0; i < WRONG; i++) {
    wrong_id(client, in, "id", wrong[i], MONA_E_ARGUMENT);
    field.value.text.len = wrong[i];
    wrong_class(client, in, &field, MONA_E_ARGUMENT);
    wrong_time(client, in, &field, MONA_E_ARGUMENT);
    STATUS(MONA_E_ARGUMENT, mona_stack_export(in, "{\"a\":1}", wrong[i], NULL, &taken));
    STATUS(MONA_E_ARGUMENT, mona_stack_export_fields(in, fields, wrong[i], NULL, &taken));
    STATUS(MONA_E_ARGUMENT, mona_stack_export_batch(client, in, "[]", wrong[i], &accepted));
    STATUS(MONA_E_ARGUMENT, mona_stack_id(in, (char *)&room, wrong[i], &len));
  }
  for (i = 0; i < BROKEN; i++) {
    wrong_id(client, in, broken[i], MONA_NTS, MONA_E_UTF8);
    field = MONA_STR("", broken[i]);
    wrong_class(client, in, &field, MONA_E_UTF8);
    wrong_time(client, in, &field, MONA_E_UTF8);
    STATUS(MONA_E_UTF8, mona_stack_export_batch(client, in, broken[i], MONA_NTS, &none));
    CHECK(none == 0);
  }
  field = MONA_I64("", 1);
  field.kind = 99;
  wrong_class(client, in, &field, MONA_E_ARGUMENT);
  LAST_ERROR("arc_class, kind: 99, one of the MONA_FIELD_ numbers is expected");
  wrong_time(client, in, &field, MONA_E_ARGUMENT);
  field = MONA_I64("", 1);
  field.reserved = 1;
  wrong_class(client, in, &field, MONA_E_ARGUMENT);
  wrong_time(client, in, &field, MONA_E_ARGUMENT);
  field = MONA_JSON("", "[1,");
  wrong_class(client, in, &field, MONA_E_JSON);
  wrong_class(client, in, (const void *)(room.bytes + 1), MONA_E_ARGUMENT);
  LAST_ERROR("arc_class: a misaligned pointer, one to the declared type is expected");
  wrong_time(client, in, (const void *)(room.bytes + 1), MONA_E_ARGUMENT);
  LAST_ERROR("timestamp: a misaligned pointer, one to the declared type is expected");

  STATUS(MONA_E_ARGUMENT, mona_stack_export(in, NULL, 0, NULL, &taken));
  LAST_ERROR("json: NULL, text is expected");
  STATUS(MONA_E_ARGUMENT, mona_stack_export_fields(in, NULL, 1, NULL, &taken));
  STATUS(MONA_E_JSON, mona_stack_export(in, "[]", MONA_NTS, NULL, &taken));
  STATUS(MONA_E_ARGUMENT, mona_stack_export_batch(client, in, NULL, 0, &accepted));
  STATUS(MONA_E_ARGUMENT, mona_stack_export_batch(client, in, "[]", MONA_NTS, NULL));
  STATUS(MONA_E_ARGUMENT, mona_stack_id(in, NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_stack_id(in, (char *)&room, sizeof room, NULL));
  CHECK(taken == 77 && len == 77 && accepted == 77);
  STATUS(MONA_OK, mona_stack_export_fields(in, NULL, 0, NULL, &taken));
  CHECK(taken == 0);
}

/* Where one place is NULL the other one is written. */
static void places(mona_client *client, mona_stack *in) {
  mona_stack *to = UNWRITTEN;
  uint64_t scope = 0;

  STATUS(MONA_E_ARGUMENT, mona_stack_enter(client, NULL, NULL, NULL, 0, NULL, NULL, &to));
  LAST_ERROR("scope: NULL, a place for the result is expected");
  CHECK(to == NULL);
  STATUS(MONA_E_ARGUMENT, mona_stack_enter(client, NULL, NULL, NULL, 0, NULL, &scope, NULL));
  LAST_ERROR("to: NULL, a place for the result is expected");
  CHECK(scope != 0);
  STATUS(MONA_E_ARGUMENT, mona_stack_enter_sub(in, NULL, NULL, 0, NULL, &to));
  CHECK(to != NULL && strcmp(id_of(to), id_of(in)) == 0);
  mona_stack_free(to);
  scope = 0;
  STATUS(MONA_E_ARGUMENT, mona_stack_enter_sub(in, NULL, NULL, 0, &scope, NULL));
  CHECK(scope != 0);
  STATUS(MONA_E_ARGUMENT, mona_stack_leave(in, scope, NULL));
  STATUS(MONA_E_ARGUMENT, mona_stack_open(client, in, NULL, NULL, 0, NULL, NULL));
  STATUS(MONA_E_ARGUMENT, mona_stack_open_sub(in, NULL, NULL, 0, NULL));
  STATUS(MONA_E_ARGUMENT, mona_stack_close_sub(in, NULL, 0, NULL));
  STATUS(MONA_E_ARGUMENT, mona_stack_reset(in, NULL));
  STATUS(MONA_OK, mona_stack_export(in, "{\"a\":1}", MONA_NTS, NULL, NULL));
  mona_stack_free(NULL);
}

/* The empty stack, which has the default client. */
static void nothing_open(mona_client *client) {
  const mona_field fields[] = {MONA_I64("a", 1)};
  int32_t taken = 77;
  size_t accepted = 77;

  CHECK(strcmp(id_of(NULL), "") == 0);
  NOT_MOVED(MONA_E_NO_CONTEXT, NULL, mona_stack_enter_sub(NULL, NULL, NULL, 0, &scope, &to));
  NOT_MOVED(MONA_E_NO_CONTEXT, NULL, mona_stack_open_sub(NULL, NULL, NULL, 0, &to));
  NOT_MOVED(MONA_E_NOT_FOUND, NULL, mona_stack_close_sub(NULL, "x", 1, &to));
  NOT_MOVED(MONA_OK, NULL, mona_stack_reset(NULL, &to));
  NOT_MOVED(MONA_OK, NULL, mona_stack_leave(NULL, 5, &to));
  NOT_MOVED(MONA_OK, NULL, mona_stack_leave(NULL, MONA_INNERMOST, &to));
  STATUS(MONA_E_NO_CONTEXT, mona_stack_export(NULL, "{\"a\":1}", MONA_NTS, NULL, &taken));
  STATUS(MONA_E_NO_CONTEXT, mona_stack_export_fields(NULL, fields, 1, NULL, &taken));
  STATUS(MONA_E_JSON, mona_stack_export(NULL, "{", MONA_NTS, NULL, &taken));
  STATUS(MONA_E_ARGUMENT, mona_stack_export(NULL, NULL, 0, NULL, &taken));
  CHECK(taken == 77);
  STATUS(MONA_OK, mona_stack_export(NULL, "{}", MONA_NTS, NULL, &taken));
  CHECK(taken == 0);
  STATUS(MONA_OK, mona_stack_export_batch(client, NULL, "[]", MONA_NTS, &accepted));
  CHECK(accepted == 0);
}

/* Nothing is checked but the places, and nothing moves. */
static void disabled(mona_client *client, mona_stack *in) {
  mona_field bad = MONA_I64("", 1);
  mona_stack *to = UNWRITTEN;
  uint64_t scope = 0;
  int32_t taken = 77, is_disabled = 77;
  size_t accepted = 77;
  bad.kind = 99;

  STATUS(MONA_OK, mona_client_is_disabled(client, &is_disabled));
  CHECK(is_disabled == 0);
  STATUS(MONA_OK, mona_client_set_disabled(client, 1));
  STATUS(MONA_OK, mona_client_is_disabled(client, &is_disabled));
  CHECK(is_disabled == 1);
  CHECK(strcmp(id_of(in), "") == 0);
  NOT_MOVED(MONA_OK, NULL, mona_stack_enter(client, NULL, &bad, "\xff", 1, &bad, &scope, &to));
  NOT_MOVED(MONA_OK, in, mona_stack_enter_sub(in, &bad, "\xff", 1, &scope, &to));
  NOT_MOVED(MONA_OK, NULL, mona_stack_open(client, NULL, &bad, "\xff", 1, &bad, &to));
  NOT_MOVED(MONA_OK, in, mona_stack_open(client, in, &bad, "\xff", 1, &bad, &to));
  NOT_MOVED(MONA_OK, in, mona_stack_open_sub(in, &bad, "\xff", 1, &to));
  NOT_MOVED(MONA_OK, in, mona_stack_close_sub(in, "\xff", 1, &to));
  NOT_MOVED(MONA_OK, in, mona_stack_reset(in, &to));
  STATUS(MONA_OK, mona_stack_export(in, NULL, 0, &bad, &taken));
  CHECK(taken == 0);
  taken = 77;
  STATUS(MONA_OK, mona_stack_export_fields(in, NULL, 5, &bad, &taken));
  CHECK(taken == 0);
  STATUS(MONA_OK, mona_stack_export(NULL, NULL, 0, &bad, NULL));
  STATUS(MONA_OK, mona_stack_export_batch(client, in, NULL, 0, &accepted));
  CHECK(accepted == 0);
  STATUS(MONA_E_ARGUMENT, mona_stack_enter(client, NULL, NULL, NULL, 0, NULL, &scope, NULL));
  STATUS(MONA_E_ARGUMENT, mona_stack_enter(client, NULL, NULL, NULL, 0, NULL, NULL, &to));
  STATUS(MONA_OK, mona_client_set_disabled(client, 0));
  CHECK(strcmp(id_of(in), "run") == 0);
}

static void about_clients(mona_client *client) {
  char text[1024] = "untouched", short_text[4];
  size_t len = 77, all = 0;
  int32_t is_disabled = 77;
  mona_stats stats;
  char expected[64];

  STATUS(MONA_E_ARGUMENT, mona_client_is_disabled(NULL, &is_disabled));
  STATUS(MONA_E_ARGUMENT, mona_client_is_disabled(client, NULL));
  CHECK(is_disabled == 77);
  STATUS(MONA_E_ARGUMENT, mona_client_stats_text(NULL, text, sizeof text, &len));
  STATUS(MONA_E_ARGUMENT, mona_client_stats_text(client, text, sizeof text, NULL));
  STATUS(MONA_E_ARGUMENT, mona_client_stats_text(client, NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_client_stats_text(client, text, wrong[0], &len));
  CHECK(strcmp(text, "untouched") == 0 && len == 77);
  STATUS(MONA_OK, mona_client_stats_text(client, NULL, 0, &all));
  STATUS(MONA_E_TRUNCATED, mona_client_stats_text(client, short_text, sizeof short_text, &len));
  CHECK(strcmp(short_text, "{\"a") == 0);
  STATUS(MONA_OK, mona_client_stats_text(client, text, sizeof text, &len));
  CHECK(strlen(text) == len && text[0] == '{' && text[len - 1] == '}');
  stats.size = sizeof stats;
  STATUS(MONA_OK, mona_client_stats(client, &stats));
  snprintf(expected, sizeof expected, "\"adopted_events\":%lu}", (unsigned long)stats.adopted_events);
  CHECK(strcmp(text + len - strlen(expected), expected) == 0);
  snprintf(expected, sizeof expected, "{\"accepted\":%lu,", (unsigned long)stats.accepted);
  CHECK(strncmp(text, expected, strlen(expected)) == 0);
}

static void closed(mona_client *client, mona_stack *in) {
  mona_field name = MONA_STR("", "class");
  mona_stack *to = NULL, *out = UNWRITTEN;
  uint64_t scope = 0;

  STATUS(MONA_OK, mona_client_close(client, 60000));
  NOT_MOVED(MONA_E_CLOSED, NULL, mona_stack_enter(client, NULL, &name, NULL, 0, NULL, &scope, &to));
  NOT_MOVED(MONA_E_CLOSED, in, mona_stack_enter_sub(in, &name, NULL, 0, &scope, &to));
  STATUS(MONA_E_CLOSED, mona_stack_open(client, NULL, &name, "late", 4, NULL, &to));
  CHECK(strcmp(id_of(to), "late") == 0);
  STATUS(MONA_E_CLOSED, mona_stack_export(to, "{\"a\":1}", MONA_NTS, NULL, NULL));
  mona_stack_free(to);
  STATUS(MONA_OK, mona_stack_enter(client, NULL, NULL, "late", 4, NULL, &scope, &to));
  CHECK(strcmp(id_of(to), "late") == 0);
  mona_client_free(client);
  /* Stacks keep the closed client alive. */
  STATUS(MONA_E_CLOSED, mona_stack_export(to, "{\"a\":1}", MONA_NTS, NULL, NULL));
  STATUS(MONA_OK, mona_stack_leave(to, scope, &out));
  CHECK(out == NULL);
  mona_stack_free(to);
}

int main(void) {
  mona_client *client;
  mona_stack *in = NULL;
  uint64_t scope = 0;

  /* The first calls of all make the default client. */
  nothing_open(NULL);
  client = memory_client();
  nothing_open(client);
  STATUS(MONA_OK, mona_stack_enter(client, NULL, NULL, "run", MONA_NTS, NULL, &scope, &in));
  CHECK(in != NULL && scope != 0 && strcmp(id_of(in), "run") == 0);
  wrong_arguments(client, in);
  places(client, in);
  NOT_MOVED(MONA_E_PROTECTED, in, mona_stack_open(client, in, NULL, NULL, 0, NULL, &to));
  NOT_MOVED(MONA_OK, in, mona_stack_leave(in, MONA_INNERMOST, &to));
  STATUS(MONA_OK, mona_client_set_disabled(mona_client_default(), 1));
  disabled(client, in);
  STATUS(MONA_OK, mona_client_set_disabled(mona_client_default(), 0));
  about_clients(client);
  closed(client, in);
  mona_stack_free(in);
  return finish();
}
