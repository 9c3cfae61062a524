/*
 * Every function before the first client, with nothing open, after close, and with freed parents.
 * MONA_ENDPOINT=memory: makes the default client harmless.
 */
#include "check.h"

static void on_log(int32_t level, const char *line, size_t len, void *user_data) {
  int *lines = user_data;
  CHECK(level >= MONA_LOG_DEBUG && level <= MONA_LOG_ERROR);
  CHECK(strlen(line) == len);
  (*lines)++;
}

static void statuses(void) {
  int32_t status;
  for (status = -2; status < 20; status++) {
    const char *sentence = mona_status_text(status);
    CHECK(sentence != NULL && strlen(sentence) > 3);
    CHECK(sentence == mona_status_text(status));
    CHECK((strcmp(sentence, mona_status_text(-1)) == 0) == (status < 0 || status > MONA_E_PANIC));
  }
  CHECK(mona_status_text(INT32_MAX) == mona_status_text(INT32_MIN));
}

static void version(void) {
  char text[64];
  snprintf(text, sizeof text, "%d.%d.%d", MONA_VERSION_MAJOR, MONA_VERSION_MINOR, MONA_VERSION_PATCH);
  CHECK(strcmp(text, mona_version()) == 0);
  CHECK(mona_abi_version() == MONA_ABI_VERSION);
}

/* All functions that need no handle, with nothing open on the thread. */
static void nothing_open(void) {
  char buf[256] = "";
  size_t len = 77;
  int32_t level = 0;
  mona_status left;

  STATUS(MONA_OK, mona_current_id(buf, sizeof buf, &len));
  CHECK(len == 0 && buf[0] == '\0');
  STATUS(MONA_E_NO_CONTEXT, mona_current_export("{\"a\":1}", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_current_export("{}", MONA_NTS, MONA_NOW));
  STATUS(MONA_E_NO_CONTEXT, mona_current_open_sub(NULL, 0, "sub", MONA_NTS));
  STATUS(MONA_E_NOT_FOUND, mona_current_close_sub(NULL, 0));
  STATUS(MONA_E_NOT_FOUND, mona_current_close_sub("sub", MONA_NTS));
  STATUS(MONA_OK, mona_current_reset());
  /* Whatever the number, a leave with nothing to do does nothing. */
  left = mona_current_leave(MONA_INNERMOST);
  CHECK(left >= MONA_OK && left < MONA_E_PANIC);
  left = mona_current_leave(12345678901u);
  CHECK(left >= MONA_OK && left < MONA_E_PANIC);
  left = mona_current_leave(UINT64_MAX);
  CHECK(left >= MONA_OK && left < MONA_E_PANIC);
  STATUS(MONA_OK, mona_log_set_level(MONA_LOG_WARNING));
  STATUS(MONA_E_IO, mona_spool_list("no/such/folder", MONA_NTS, buf, sizeof buf, &len));
  STATUS(MONA_E_IO, mona_spool_verify("no/such/folder", MONA_NTS, buf, sizeof buf, &len));
  STATUS(MONA_E_IO, mona_spool_read("no/such/folder", MONA_NTS, "x", MONA_NTS, buf, sizeof buf, &len));
  left = mona_log_take(&level, buf, sizeof buf, &len);
  CHECK(left == MONA_OK || left == MONA_E_NOT_FOUND || left == MONA_E_TRUNCATED);
}

static void typed_without_context(void) {
  mona_field field = MONA_I64("a", 1);
  uint64_t scope = 0;
  size_t accepted = 0;

  STATUS(MONA_E_NO_CONTEXT, mona_current_export_fields(&field, 1, MONA_NOW));
  STATUS(MONA_E_NO_CONTEXT, mona_current_enter_sub(NULL, 0, NULL, 0, &scope));
  CHECK(scope != 0);
  STATUS(MONA_OK, mona_current_leave(scope));
  STATUS(MONA_OK, mona_current_export_batch("[{\"message\":{\"a\":1}}]", MONA_NTS, &accepted));
  CHECK(accepted == 1);
}

static void a_whole_life(mona_client *client) {
  mona_context *parent = NULL;
  mona_context *child = NULL;
  char id[64] = "";
  size_t len = 0;
  size_t accepted = 77;
  mona_stats stats;

  stats.size = sizeof stats;
  STATUS(MONA_OK, mona_client_set_globals(client, "{\"region\":\"eu\"}", MONA_NTS));
  STATUS(MONA_E_JSON, mona_client_set_globals(client, "[]", MONA_NTS));
  STATUS(MONA_OK, mona_context_new(client, "cls", MONA_NTS, "run", MONA_NTS, MONA_NOW, &parent));
  STATUS(MONA_OK, mona_context_new_sub(parent, "step", MONA_NTS, "s", MONA_NTS, &child));
  mona_context_free(parent);
  STATUS(MONA_OK, mona_context_id(child, id, sizeof id, &len));
  CHECK(strcmp(id, "run.s") == 0);
  STATUS(MONA_OK, mona_context_export(child, "{\"a\":1}", MONA_NTS, 1552903200.5));
  STATUS(MONA_OK, MONA_EXPORT(child, MONA_F64("b", 0.5)));
  STATUS(MONA_E_JSON, mona_client_export_batch(client, "[{\"message\":{\"c\":1}},{}]", MONA_NTS, &accepted));
  CHECK(accepted == 1);
  STATUS(MONA_E_JSON, mona_client_export_batch(client, "{}", MONA_NTS, &accepted));
  CHECK(accepted == 0);
  STATUS(MONA_OK, mona_client_flush(client, 60000));
  STATUS(MONA_OK, mona_client_stats(client, &stats));
  CHECK(stats.accepted == stats.delivered && stats.delivered >= 6);

  STATUS(MONA_OK, mona_client_close(client, 60000));
  STATUS(MONA_OK, mona_client_close(client, 0));
  STATUS(MONA_E_CLOSED, mona_context_export(child, "{\"a\":1}", MONA_NTS, MONA_NOW));
  STATUS(MONA_E_CLOSED, MONA_EXPORT(child, MONA_F64("b", 0.5)));
  STATUS(MONA_E_CLOSED, mona_client_export_batch(client, "[{\"message\":{\"c\":1}}]", MONA_NTS, &accepted));
  CHECK(accepted == 0);
  STATUS(MONA_OK, mona_client_stats(client, &stats));
  STATUS(MONA_OK, mona_client_describe(client, NULL, 0, &len));
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "late", MONA_NTS, MONA_NOW, &parent));
  STATUS(MONA_OK, mona_context_id(parent, id, sizeof id, &len));
  CHECK(strcmp(id, "late") == 0);
  mona_context_free(parent);
  mona_client_free(client);
  /* The context keeps the closed client alive. */
  STATUS(MONA_E_CLOSED, mona_context_export(child, "{\"a\":1}", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_context_id(child, id, sizeof id, &len));
  mona_context_free(child);
}

static void after_closing_the_default(void) {
  mona_client *client = mona_client_default();
  uint64_t scope = 0;
  size_t len = 77;

  STATUS(MONA_OK, mona_client_close(client, 60000));
  STATUS(MONA_E_CLOSED, mona_current_enter("class", MONA_NTS, "id", MONA_NTS, MONA_NOW, &scope));
  CHECK(scope != 0);
  STATUS(MONA_OK, mona_current_leave(scope));
  STATUS(MONA_E_CLOSED, mona_current_open("class", MONA_NTS, "id", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_current_id(NULL, 0, &len));
  CHECK(len == 2);
  STATUS(MONA_E_CLOSED, mona_current_export("{\"a\":1}", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_current_reset());
  nothing_open();
}

int main(void) {
  mona_client *client;
  int lines = 0;

  statuses();
  version();
  LAST_ERROR("");
  STATUS(MONA_OK, mona_log_set_callback(on_log, &lines));
  nothing_open();
  typed_without_context();
  CHECK(lines > 0);
  STATUS(MONA_OK, mona_log_set_callback(NULL, NULL));

  a_whole_life(memory_client());

  /* The default client was made by the first mona_current_ call, and stays. */
  client = memory_client();
  STATUS(MONA_E_EXISTS, mona_client_set_default(client));
  CHECK(mona_client_default() != NULL && mona_client_default() == mona_client_default());
  CHECK(mona_client_default() != client);
  mona_client_free(client);
  mona_client_free(mona_client_default());
  typed_without_context();
  after_closing_the_default();
  return finish();
}
