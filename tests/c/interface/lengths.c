/*
 * Every length of every function wrong in turn, text that is not UTF-8 in every place for text, and
 * wrong numbers.
 */
#include "check.h"

/* Lengths that no object has. SIZE_MAX itself is MONA_NTS. */
static const size_t wrong[] = {MONA_NTS - 1, (size_t)PTRDIFF_MAX + 1, MONA_NTS - 4096};
enum { WRONG = sizeof wrong / sizeof wrong[0] };

/* Makes each call with each wrong length where `LEN` stands. */
#define EACH_WRONG(call)                      \
  do {                                        \
    size_t i_;                                \
    for (i_ = 0; i_ < WRONG; i_++) {          \
      const size_t LEN = wrong[i_];           \
      STATUS(MONA_E_ARGUMENT, (call));        \
    }                                         \
  } while (0)

static void text_lengths(mona_client *client, mona_context *context, mona_options *options) {
  mona_context *other = NULL;
  size_t accepted = 77;
  uint64_t scope = 0;

  EACH_WRONG(mona_options_set(options, "endpoint", LEN, "null:", MONA_NTS));
  EACH_WRONG(mona_options_set(options, "endpoint", MONA_NTS, "null:", LEN));
  EACH_WRONG(mona_client_set_globals(client, "{}", LEN));
  EACH_WRONG(mona_client_export_batch(client, "[]", LEN, &accepted));
  EACH_WRONG(mona_context_new(client, "class", LEN, "id", MONA_NTS, MONA_NOW, &other));
  EACH_WRONG(mona_context_new(client, "class", MONA_NTS, "id", LEN, MONA_NOW, &other));
  EACH_WRONG(mona_context_new_sub(context, "class", LEN, "id", MONA_NTS, &other));
  EACH_WRONG(mona_context_new_sub(context, "class", MONA_NTS, "id", LEN, &other));
  EACH_WRONG(mona_context_export(context, "{\"a\":1}", LEN, MONA_NOW));

  EACH_WRONG(mona_current_open("class", LEN, "id", MONA_NTS, MONA_NOW));
  EACH_WRONG(mona_current_open("class", MONA_NTS, "id", LEN, MONA_NOW));
  EACH_WRONG(mona_current_enter("class", LEN, "id", MONA_NTS, MONA_NOW, &scope));
  CHECK(scope != 0);
  STATUS(MONA_OK, mona_current_leave(scope));
  scope = 0;
  EACH_WRONG(mona_current_enter("class", MONA_NTS, "id", LEN, MONA_NOW, &scope));
  CHECK(scope != 0);
  EACH_WRONG(mona_current_enter("class", MONA_NTS, "id", LEN, MONA_NOW, NULL));
  STATUS(MONA_OK, mona_current_open(NULL, 0, "main", MONA_NTS, MONA_NOW));
  scope = 0;
  EACH_WRONG(mona_current_enter_sub("class", LEN, "id", MONA_NTS, &scope));
  CHECK(scope != 0);
  EACH_WRONG(mona_current_enter_sub("class", MONA_NTS, "id", LEN, NULL));
  EACH_WRONG(mona_current_open_sub("class", LEN, "id", MONA_NTS));
  EACH_WRONG(mona_current_open_sub("class", MONA_NTS, "id", LEN));
  EACH_WRONG(mona_current_close_sub("id", LEN));
  EACH_WRONG(mona_current_export("{\"a\":1}", LEN, MONA_NOW));
  EACH_WRONG(mona_current_export_batch("[]", LEN, &accepted));
  STATUS(MONA_OK, mona_current_reset());
  EACH_WRONG(mona_spool_list("none", LEN, NULL, 0, &accepted));
  EACH_WRONG(mona_spool_verify("none", LEN, NULL, 0, &accepted));
  EACH_WRONG(mona_spool_read("none", LEN, "x", MONA_NTS, NULL, 0, &accepted));
  EACH_WRONG(mona_spool_read("none", MONA_NTS, "x", LEN, NULL, 0, &accepted));
  CHECK(other == NULL);
  CHECK(accepted == 77);
}

static void buffer_sizes(mona_client *client, mona_context *context) {
  char buf[16] = "untouched";
  size_t len = 77;
  int32_t level = 5;

  EACH_WRONG(mona_last_error(buf, LEN, &len));
  EACH_WRONG(mona_client_describe(client, buf, LEN, &len));
  EACH_WRONG(mona_client_check(client, 1, buf, LEN, &len));
  EACH_WRONG(mona_client_take(client, buf, LEN, &len));
  EACH_WRONG(mona_context_id(context, buf, LEN, &len));
  EACH_WRONG(mona_current_id(buf, LEN, &len));
  EACH_WRONG(mona_log_take(&level, buf, LEN, &len));
  EACH_WRONG(mona_spool_list("none", MONA_NTS, buf, LEN, &len));
  EACH_WRONG(mona_spool_verify("none", MONA_NTS, buf, LEN, &len));
  EACH_WRONG(mona_spool_read("none", MONA_NTS, "x", MONA_NTS, buf, LEN, &len));
  STATUS(MONA_E_ARGUMENT, mona_client_describe(client, buf, MONA_NTS, &len));
  LAST_ERROR("cap: 18446744073709551615, the number of bytes in the buffer is expected");
  CHECK(strcmp(buf, "untouched") == 0);
  CHECK(len == 77);
  CHECK(level == 5);
}

static void field_numbers(mona_context *context) {
  mona_field field = MONA_STR("x", "y");
  static const int32_t kinds[] = {0, 9, -1, INT32_MAX, INT32_MIN};
  size_t i;

  EACH_WRONG(mona_context_export_fields(context, &field, LEN, MONA_NOW));
  STATUS(MONA_E_ARGUMENT, mona_context_export_fields(context, &field, MONA_NTS, MONA_NOW));
  STATUS(MONA_E_ARGUMENT, mona_context_export_fields(context, &field, PTRDIFF_MAX / 40 + 1, MONA_NOW));
  STATUS(MONA_OK, mona_current_open(NULL, 0, "main", MONA_NTS, MONA_NOW));
  EACH_WRONG(mona_current_export_fields(&field, LEN, MONA_NOW));
  STATUS(MONA_E_ARGUMENT, mona_current_export_fields(&field, MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_current_reset());
  for (i = 0; i < WRONG; i++) {
    field.key_len = wrong[i];
    STATUS(MONA_E_ARGUMENT, mona_context_export_fields(context, &field, 1, MONA_NOW));
    field.key_len = 1;
    field.value.text.len = wrong[i];
    STATUS(MONA_E_ARGUMENT, mona_context_export_fields(context, &field, 1, MONA_NOW));
    field.value.text.len = 1;
  }
  for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    mona_field pair[2] = {MONA_I64("good", 1), MONA_I64("bad", 2)};
    pair[1].kind = kinds[i];
    STATUS(MONA_E_ARGUMENT, mona_context_export_fields(context, pair, 2, MONA_NOW));
  }
  LAST_ERROR("field 2 \"bad\", kind: -2147483648, one of the MONA_FIELD_ numbers is expected");
  field.reserved = 1;
  STATUS(MONA_E_ARGUMENT, mona_context_export_fields(context, &field, 1, MONA_NOW));
  LAST_ERROR("field 1, reserved: 1, 0 is expected");
}

static void misaligned(mona_client *client, mona_context *context) {
  union {
    char bytes[2 * sizeof(mona_stats)];
    mona_stats stats;
    mona_field field;
    size_t size;
  } room;
  void *odd = room.bytes + 1;
  memset(&room, 0, sizeof room);

  STATUS(MONA_E_ARGUMENT, mona_context_export_fields(context, odd, 1, MONA_NOW));
  STATUS(MONA_E_ARGUMENT, mona_client_stats(client, odd));
  STATUS(MONA_E_ARGUMENT, mona_context_id(context, NULL, 0, odd));
  LAST_ERROR("len: a misaligned pointer, one to the declared type is expected");
}

static void stats_sizes(mona_client *client) {
  struct {
    mona_stats stats;
    uint64_t after;
  } newer;
  size_t size;

  for (size = 0; size < offsetof(mona_stats, refused); size++) {
    memset(&newer, 0x55, sizeof newer);
    newer.stats.size = size;
    STATUS(MONA_E_ARGUMENT, mona_client_stats(client, &newer.stats));
    CHECK(newer.stats.accepted == 0x5555555555555555u);
  }
  for (size = 0; size < WRONG; size++) {
    newer.stats.size = wrong[size];
    STATUS(MONA_E_ARGUMENT, mona_client_stats(client, &newer.stats));
  }
  /* A program with a newer header keeps what this library does not know. */
  newer.stats.size = sizeof newer;
  STATUS(MONA_OK, mona_client_stats(client, &newer.stats));
  CHECK(newer.stats.size == sizeof newer);
  CHECK(newer.stats.accepted != 0x5555555555555555u);
  CHECK(newer.stats.worker_panics == 0);
  CHECK(newer.after == 0x5555555555555555u);
}

/* Bytes that are no UTF-8: alone, cut off, overlong, a surrogate, beyond the last character. */
static const char *const broken[] = {"\xff", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"};

static void not_utf8(mona_client *client, mona_context *context, mona_options *options) {
  size_t i;
  size_t len = 77;
  for (i = 0; i < sizeof broken / sizeof broken[0]; i++) {
    const char *bad = broken[i];
    mona_context *other = NULL;
    mona_field field = MONA_STR("x", bad);
    char event[32] = "{\"a\":\"";
    uint64_t scope = 0;
    strcat(strcat(event, bad), "\"}");

    STATUS(MONA_E_UTF8, mona_options_set(options, bad, MONA_NTS, "x", MONA_NTS));
    STATUS(MONA_E_UTF8, mona_options_set(options, "user_id", MONA_NTS, bad, MONA_NTS));
    STATUS(MONA_E_UTF8, mona_client_set_globals(client, event, MONA_NTS));
    STATUS(MONA_E_UTF8, mona_context_new(client, bad, MONA_NTS, NULL, 0, MONA_NOW, &other));
    STATUS(MONA_E_UTF8, mona_context_new(client, NULL, 0, bad, MONA_NTS, MONA_NOW, &other));
    STATUS(MONA_E_UTF8, mona_context_new_sub(context, bad, MONA_NTS, NULL, 0, &other));
    STATUS(MONA_E_UTF8, mona_context_new_sub(context, NULL, 0, bad, MONA_NTS, &other));
    CHECK(other == NULL);
    STATUS(MONA_E_UTF8, mona_context_export(context, event, MONA_NTS, MONA_NOW));
    STATUS(MONA_E_UTF8, mona_context_export_fields(context, &field, 1, MONA_NOW));
    field.kind = MONA_FIELD_JSON;
    STATUS(MONA_E_UTF8, mona_context_export_fields(context, &field, 1, MONA_NOW));
    field.key = bad;
    field.key_len = MONA_NTS;
    STATUS(MONA_E_UTF8, mona_context_export_fields(context, &field, 1, MONA_NOW));
    STATUS(MONA_E_UTF8, mona_current_enter(bad, MONA_NTS, NULL, 0, MONA_NOW, &scope));
    CHECK(scope != 0);
    STATUS(MONA_OK, mona_current_leave(scope));
    STATUS(MONA_E_UTF8, mona_current_enter(NULL, 0, bad, MONA_NTS, MONA_NOW, NULL));
    STATUS(MONA_E_UTF8, mona_current_open(bad, MONA_NTS, NULL, 0, MONA_NOW));
    STATUS(MONA_E_UTF8, mona_current_open(NULL, 0, bad, MONA_NTS, MONA_NOW));
    STATUS(MONA_OK, mona_current_open(NULL, 0, "main", MONA_NTS, MONA_NOW));
    STATUS(MONA_E_UTF8, mona_current_enter_sub(bad, MONA_NTS, NULL, 0, NULL));
    STATUS(MONA_E_UTF8, mona_current_enter_sub(NULL, 0, bad, MONA_NTS, NULL));
    STATUS(MONA_E_UTF8, mona_current_open_sub(bad, MONA_NTS, NULL, 0));
    STATUS(MONA_E_UTF8, mona_current_open_sub(NULL, 0, bad, MONA_NTS));
    STATUS(MONA_E_UTF8, mona_current_close_sub(bad, MONA_NTS));
    STATUS(MONA_E_UTF8, mona_current_export(event, MONA_NTS, MONA_NOW));
    STATUS(MONA_OK, mona_current_reset());
  }
  /* Paths may be any bytes. */
  STATUS(MONA_E_IO, mona_spool_list("none\xff", MONA_NTS, NULL, 0, &len));
  STATUS(MONA_E_UTF8, mona_spool_read("none", MONA_NTS, "\xff", MONA_NTS, NULL, 0, &len));
  STATUS(MONA_E_UTF8, mona_current_open("ab\xff", 3, NULL, 0, MONA_NOW));
  LAST_ERROR("arc_class: byte 0xff at offset 2, UTF-8 is expected");
}

/* A length is what counts, not a NUL; a text may even have NULs in it. */
static void exact_lengths(mona_client *client) {
  mona_context *context = NULL;
  char id[16] = "";
  size_t len = 0;

  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "idxxxx", 2, MONA_NOW, &context));
  STATUS(MONA_OK, mona_context_export(context, "{\"a\":1}garbage", 7, MONA_NOW));
  STATUS(MONA_E_JSON, mona_context_export(context, "{\"a\":1}", 6, MONA_NOW));
  STATUS(MONA_E_JSON, mona_context_export(context, "{\"a\":1}", 0, MONA_NOW));
  STATUS(MONA_E_JSON, mona_context_export(context, "{\"a\":1}", 8, MONA_NOW));
  STATUS(MONA_OK, mona_context_id(context, id, sizeof id, &len));
  CHECK(len == 2 && strcmp(id, "id") == 0);
  mona_context_free(context);
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "a\0b", 3, MONA_NOW, &context));
  STATUS(MONA_OK, mona_context_id(context, id, sizeof id, &len));
  CHECK(len == 3 && memcmp(id, "a\0b", 4) == 0);
  mona_context_free(context);
}

int main(void) {
  mona_client *client = memory_client();
  mona_options *options = mona_options_new();
  mona_context *context = NULL;

  STATUS(MONA_OK, mona_client_set_default(client));
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
  text_lengths(client, context, options);
  buffer_sizes(client, context);
  field_numbers(context);
  misaligned(client, context);
  stats_sizes(client);
  not_utf8(client, context, options);
  exact_lengths(client);
  mona_context_free(context);
  mona_options_free(options);
  mona_client_free(client);
  return finish();
}
