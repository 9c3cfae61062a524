/*
 * The Big Red Button: while it is pressed, calls on contexts, globals and exports answer MONA_OK to
 * anything but NULL for a handle or an output, and what was made meanwhile stays inert.
 */
#include "check.h"

static const char *const bad = "\xff";

static uint64_t accepted_by(const mona_client *client) {
  mona_stats stats;
  stats.size = sizeof stats;
  STATUS(MONA_OK, mona_client_stats(client, &stats));
  return stats.accepted;
}

static void handles(mona_client *client, const mona_context *open, mona_context **inert, mona_context **sub) {
  mona_field field = MONA_I64("a", 1);
  mona_context *none;
  char id[8] = "#";
  size_t len = 77;
  field.kind = 99;

  STATUS(MONA_OK, mona_client_set_globals(client, bad, MONA_NTS));
  STATUS(MONA_OK, mona_client_set_globals(client, "{}", MONA_NTS - 1));
  STATUS(MONA_OK, mona_context_new(client, bad, MONA_NTS, bad, MONA_NTS, MONA_NOW, inert));
  STATUS(MONA_OK, mona_context_new_sub(open, bad, MONA_NTS, "x", MONA_NTS - 1, sub));
  CHECK(*inert != NULL && *sub != NULL);
  STATUS(MONA_OK, mona_context_id(open, id, sizeof id, &len));
  CHECK(len == 0 && id[0] == '\0');
  STATUS(MONA_OK, mona_context_export(open, NULL, 0, MONA_NOW));
  STATUS(MONA_OK, mona_context_export(open, "nonsense", MONA_NTS - 1, MONA_NOW));
  STATUS(MONA_OK, mona_context_export(open, "nonsense", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_context_export_fields(open, NULL, 5, MONA_NOW));
  STATUS(MONA_OK, mona_context_export_fields(open, &field, 1, MONA_NOW));
  len = 77;
  STATUS(MONA_OK, mona_client_export_batch(client, NULL, 0, &len));
  CHECK(len == 0);
  len = 77;
  STATUS(MONA_OK, mona_client_export_batch(client, "nonsense", MONA_NTS, &len));
  CHECK(len == 0);
  /* Tools look into a spool all the same. */
  STATUS(MONA_E_IO, mona_spool_list("no/such/folder", MONA_NTS, id, sizeof id, &len));
  STATUS(MONA_E_ARGUMENT, mona_spool_verify(NULL, 0, id, sizeof id, &len));
  STATUS(MONA_E_ARGUMENT, mona_spool_read("no/such/folder", MONA_NTS, "", 0, id, sizeof id, &len));
  STATUS(MONA_E_ARGUMENT, mona_context_export(NULL, "{}", 2, MONA_NOW));
  STATUS(MONA_E_ARGUMENT, mona_context_new(NULL, NULL, 0, NULL, 0, MONA_NOW, &none));
}

static void current(void) {
  mona_field field = MONA_I64("a", 1);
  uint64_t scope = 0;
  size_t len = 77;
  field.kind = 99;

  STATUS(MONA_OK, mona_current_enter(bad, MONA_NTS, "x", MONA_NTS - 1, MONA_NOW, &scope));
  CHECK(scope != 0);
  STATUS(MONA_OK, mona_current_leave(scope));
  scope = 0;
  STATUS(MONA_OK, mona_current_enter_sub(bad, MONA_NTS, NULL, 0, &scope));
  CHECK(scope != 0);
  STATUS(MONA_OK, mona_current_leave(scope));
  STATUS(MONA_OK, mona_current_open(bad, MONA_NTS, NULL, 0, MONA_NOW));
  STATUS(MONA_OK, mona_current_open_sub(bad, MONA_NTS, NULL, 0));
  STATUS(MONA_OK, mona_current_close_sub(bad, MONA_NTS));
  STATUS(MONA_OK, mona_current_reset());
  STATUS(MONA_OK, mona_current_export(NULL, 0, MONA_NOW));
  STATUS(MONA_OK, mona_current_export("nonsense", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_current_export_fields(NULL, 5, MONA_NOW));
  STATUS(MONA_OK, mona_current_export_fields(&field, 1, MONA_NOW));
  STATUS(MONA_OK, mona_current_export_batch(NULL, 0, &len));
  CHECK(len == 0);
  STATUS(MONA_OK, mona_current_id(NULL, 0, &len));
  CHECK(len == 0);
}

int main(void) {
  mona_client *client = memory_client();
  mona_context *open = NULL;
  mona_context *inert = NULL;
  mona_context *sub = NULL;
  uint64_t before;

  STATUS(MONA_OK, mona_client_set_default(client));
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, MONA_NOW, &open));
  STATUS(MONA_OK, MONA_EXPORT(open, MONA_I64("a", 1)));
  before = accepted_by(client);
  STATUS(MONA_OK, mona_client_set_disabled(client, -7));
  handles(client, open, &inert, &sub);
  current();
  CHECK(accepted_by(client) == before);
  STATUS(MONA_OK, mona_client_set_disabled(client, 0));

  /* Checked and sent again, but what was made meanwhile is inert for its whole life. */
  STATUS(MONA_E_ARGUMENT, mona_context_export(open, NULL, 0, MONA_NOW));
  STATUS(MONA_OK, MONA_EXPORT(inert, MONA_I64("a", 2)));
  STATUS(MONA_OK, MONA_EXPORT(sub, MONA_I64("a", 3)));
  STATUS(MONA_OK, mona_context_export(inert, NULL, 0, MONA_NOW));
  CHECK(accepted_by(client) == before);
  STATUS(MONA_OK, MONA_EXPORT(open, MONA_I64("a", 4)));
  CHECK(accepted_by(client) == before + 1);

  mona_context_free(open);
  mona_context_free(inert);
  mona_context_free(sub);
  mona_client_free(client);
  return finish();
}
