/* NULL in every place of every function: a status, outputs untouched, and no crash. */
#include "check.h"

static void frees(void) {
  mona_options_free(NULL);
  mona_client_free(NULL);
  mona_context_free(NULL);
}

static void handles(void) {
  char buf[64] = "untouched";
  size_t len = 77;
  mona_context *context = (mona_context *)buf;
  mona_context *sub = (mona_context *)buf;
  mona_stats stats;
  mona_field field = MONA_NULL("x");
  memset(&stats, 0x55, sizeof stats);
  stats.size = sizeof stats;

  STATUS(MONA_E_ARGUMENT, mona_options_set(NULL, "endpoint", MONA_NTS, "null:", MONA_NTS));
  LAST_ERROR("options: NULL, a handle is expected");
  STATUS(MONA_E_ARGUMENT, mona_client_set_globals(NULL, "{}", 2));
  LAST_ERROR("client: NULL, a handle is expected");
  STATUS(MONA_E_ARGUMENT, mona_client_set_disabled(NULL, 1));
  STATUS(MONA_E_ARGUMENT, mona_client_export_batch(NULL, "[]", 2, &len));
  STATUS(MONA_E_ARGUMENT, mona_client_flush(NULL, 1));
  STATUS(MONA_E_ARGUMENT, mona_client_close(NULL, 1));
  STATUS(MONA_E_ARGUMENT, mona_client_stats(NULL, &stats));
  STATUS(MONA_E_ARGUMENT, mona_client_describe(NULL, buf, sizeof buf, &len));
  STATUS(MONA_E_ARGUMENT, mona_client_check(NULL, 1, buf, sizeof buf, &len));
  STATUS(MONA_E_ARGUMENT, mona_client_take(NULL, buf, sizeof buf, &len));
  STATUS(MONA_E_ARGUMENT, mona_client_set_default(NULL));
  STATUS(MONA_E_ARGUMENT, mona_context_new(NULL, NULL, 0, NULL, 0, MONA_NOW, &context));
  STATUS(MONA_E_ARGUMENT, mona_context_new_sub(NULL, NULL, 0, NULL, 0, &sub));
  LAST_ERROR("parent: NULL, a handle is expected");
  STATUS(MONA_E_ARGUMENT, mona_context_id(NULL, buf, sizeof buf, &len));
  STATUS(MONA_E_ARGUMENT, mona_context_export(NULL, "{}", 2, MONA_NOW));
  STATUS(MONA_E_ARGUMENT, mona_context_export_fields(NULL, &field, 1, MONA_NOW));
  LAST_ERROR("context: NULL, a handle is expected");

  CHECK(strcmp(buf, "untouched") == 0);
  CHECK(len == 77);
  /* The outputs that are written with every answer. */
  CHECK(context == NULL && sub == NULL);
  CHECK(stats.accepted == 0x5555555555555555u);
}

static void places(mona_client *client, mona_context *context) {
  char buf[64] = "untouched";
  size_t len = 77;
  int32_t level = 5;

  STATUS(MONA_E_ARGUMENT, mona_last_error(buf, sizeof buf, NULL));
  STATUS(MONA_E_ARGUMENT, mona_last_error(NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_client_new(NULL, NULL));
  LAST_ERROR("client: NULL, a place for the result is expected");
  STATUS(MONA_E_ARGUMENT, mona_client_export_batch(client, "[]", 2, NULL));
  LAST_ERROR("accepted: NULL, a place for the result is expected");
  STATUS(MONA_E_ARGUMENT, mona_client_stats(client, NULL));
  STATUS(MONA_E_ARGUMENT, mona_client_describe(client, buf, sizeof buf, NULL));
  LAST_ERROR("len: NULL, a place for the result is expected");
  STATUS(MONA_E_ARGUMENT, mona_client_describe(client, NULL, 8, &len));
  LAST_ERROR("buf: NULL, a buffer of `cap` bytes, or a `cap` of 0, is expected");
  STATUS(MONA_E_ARGUMENT, mona_client_check(client, 1, buf, sizeof buf, NULL));
  STATUS(MONA_E_ARGUMENT, mona_client_check(client, 1, NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_client_take(client, buf, sizeof buf, NULL));
  STATUS(MONA_E_ARGUMENT, mona_client_take(client, NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, NULL));
  LAST_ERROR("context: NULL, a place for the result is expected");
  STATUS(MONA_E_ARGUMENT, mona_context_new_sub(context, NULL, 0, NULL, 0, NULL));
  STATUS(MONA_E_ARGUMENT, mona_context_id(context, buf, sizeof buf, NULL));
  STATUS(MONA_E_ARGUMENT, mona_context_id(context, NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_current_id(buf, sizeof buf, NULL));
  STATUS(MONA_E_ARGUMENT, mona_current_id(NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_current_export_batch("[]", 2, NULL));
  STATUS(MONA_E_ARGUMENT, mona_log_take(NULL, buf, sizeof buf, &len));
  LAST_ERROR("level: NULL, a place for the result is expected");
  STATUS(MONA_E_ARGUMENT, mona_log_take(&level, buf, sizeof buf, NULL));
  STATUS(MONA_E_ARGUMENT, mona_log_take(&level, NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_spool_list("none", MONA_NTS, buf, sizeof buf, NULL));
  STATUS(MONA_E_ARGUMENT, mona_spool_list("none", MONA_NTS, NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_spool_verify("none", MONA_NTS, buf, sizeof buf, NULL));
  STATUS(MONA_E_ARGUMENT, mona_spool_verify("none", MONA_NTS, NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_spool_read("none", MONA_NTS, "x", MONA_NTS, buf, sizeof buf, NULL));
  STATUS(MONA_E_ARGUMENT, mona_spool_read("none", MONA_NTS, "x", MONA_NTS, NULL, 8, &len));
  STATUS(MONA_E_ARGUMENT, mona_log_set_level(-1));
  STATUS(MONA_E_ARGUMENT, mona_log_set_level(51));
  LAST_ERROR("log level: 51, a number from 0 to 50 is expected: 10 debug, 20 info, 30 warning, 40 error");

  CHECK(strcmp(buf, "untouched") == 0);
  CHECK(len == 77);
  CHECK(level == 5);
}

static void texts(mona_client *client, mona_context *context) {
  mona_options *options = mona_options_new();
  char buf[16] = "untouched";
  size_t len = 77;
  size_t lens[3] = {0, 4, MONA_NTS};
  size_t i;

  for (i = 0; i < 3; i++) {
    STATUS(MONA_E_ARGUMENT, mona_options_set(options, NULL, lens[i], "null:", MONA_NTS));
    LAST_ERROR("name: NULL, text is expected");
    STATUS(MONA_E_ARGUMENT, mona_options_set(options, "endpoint", MONA_NTS, NULL, lens[i]));
    LAST_ERROR("value: NULL, text is expected");
    STATUS(MONA_E_ARGUMENT, mona_client_export_batch(client, NULL, lens[i], &len));
    STATUS(MONA_E_ARGUMENT, mona_context_export(context, NULL, lens[i], MONA_NOW));
    LAST_ERROR("json: NULL, text is expected");
    STATUS(MONA_E_ARGUMENT, mona_current_export(NULL, lens[i], MONA_NOW));
    STATUS(MONA_E_ARGUMENT, mona_current_export_batch(NULL, lens[i], &len));
    STATUS(MONA_E_ARGUMENT, mona_spool_list(NULL, lens[i], buf, sizeof buf, &len));
    LAST_ERROR("dir: NULL, text is expected");
    STATUS(MONA_E_ARGUMENT, mona_spool_verify(NULL, lens[i], buf, sizeof buf, &len));
    STATUS(MONA_E_ARGUMENT, mona_spool_read(NULL, lens[i], "x", MONA_NTS, buf, sizeof buf, &len));
    STATUS(MONA_E_ARGUMENT, mona_spool_read("none", MONA_NTS, NULL, lens[i], buf, sizeof buf, &len));
    LAST_ERROR("place: NULL, text is expected");
    /* Text that may be missing. */
    STATUS(MONA_OK, mona_client_set_globals(client, NULL, lens[i]));
    STATUS(MONA_OK, mona_current_enter(NULL, lens[i], NULL, lens[i], MONA_NOW, NULL));
    STATUS(MONA_OK, mona_current_enter_sub(NULL, lens[i], NULL, lens[i], NULL));
    STATUS(MONA_OK, mona_current_leave(MONA_INNERMOST));
    STATUS(MONA_OK, mona_current_leave(MONA_INNERMOST));
    STATUS(MONA_OK, mona_current_open(NULL, lens[i], NULL, lens[i], MONA_NOW));
    STATUS(MONA_OK, mona_current_open_sub(NULL, lens[i], NULL, lens[i]));
    STATUS(MONA_OK, mona_current_close_sub(NULL, lens[i]));
    STATUS(MONA_OK, mona_current_reset());
  }
  STATUS(MONA_E_ARGUMENT, mona_spool_list("", 0, buf, sizeof buf, &len));
  LAST_ERROR("dir: an empty text, the directory of a spool is expected");
  CHECK(len == 77 && strcmp(buf, "untouched") == 0);
  mona_options_free(options);
}

static void fields(mona_context *context) {
  mona_field field = MONA_STR("x", "y");

  STATUS(MONA_OK, mona_context_export_fields(context, NULL, 0, MONA_NOW));
  STATUS(MONA_OK, mona_current_enter(NULL, 0, "id", MONA_NTS, MONA_NOW, NULL));
  STATUS(MONA_OK, mona_current_export_fields(NULL, 0, MONA_NOW));
  STATUS(MONA_E_ARGUMENT, mona_context_export_fields(context, NULL, 1, MONA_NOW));
  LAST_ERROR("fields: NULL, an array of fields is expected");
  STATUS(MONA_E_ARGUMENT, mona_current_export_fields(NULL, 1, MONA_NOW));
  field.key = NULL;
  STATUS(MONA_E_ARGUMENT, mona_context_export_fields(context, &field, 1, MONA_NOW));
  LAST_ERROR("field 1, key: NULL, text is expected");
  field.key = "x";
  STATUS(MONA_OK, mona_current_leave(MONA_INNERMOST));
}

/* A text that is NULL is null to every filter, as it is in JSON. */
static void null_texts(const char *option, const char *value, const char *expected) {
  mona_options *options = mona_options_new();
  mona_client *client = NULL;
  mona_context *context = NULL;
  mona_field fields[3];
  char record[512];
  size_t len = 0;
  int n;

  STATUS(MONA_OK, mona_options_set(options, "endpoint", MONA_NTS, "memory:", MONA_NTS));
  STATUS(MONA_OK, mona_options_set(options, option, MONA_NTS, value, MONA_NTS));
  STATUS(MONA_OK, mona_client_new(options, &client));
  mona_options_free(options);
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, MONA_NOW, &context));
  fields[0] = MONA_STR("a", NULL);
  fields[1] = MONA_JSON("b", NULL);
  fields[2] = MONA_I64("c", 1);
  for (n = 0; n < 2; n++) {
    STATUS(MONA_OK, mona_context_export_fields(context, fields, 3, MONA_NOW));
    STATUS(MONA_OK, mona_context_export(context, "{\"a\":null,\"b\":null,\"c\":1}", MONA_NTS, MONA_NOW));
  }
  STATUS(MONA_OK, mona_client_flush(client, 60000));
  for (n = 0; n < 4; n++) {
    STATUS(MONA_OK, mona_client_take(client, record, sizeof record, &len));
    CHECK(strstr(record, expected) != NULL);
  }
  mona_context_free(context);
  mona_client_free(client);
}

int main(void) {
  mona_client *client;
  mona_context *context = NULL;

  frees();
  handles();
  null_texts("drop_null_fields", "false", "\"message\":{\"a\":null,\"b\":null,\"c\":1}");
  null_texts("drop_null_fields", "true", "\"message\":{\"c\":1}");
  null_texts("hash_fields", "a,b", "\"message\":{\"a\":null,\"b\":null,\"c\":1}");
  client = memory_client();
  STATUS(MONA_OK, mona_client_set_default(client));
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
  places(client, context);
  texts(client, context);
  fields(context);
  STATUS(MONA_OK, mona_log_set_callback(NULL, NULL));
  mona_context_free(context);
  mona_client_free(client);
  return finish();
}
