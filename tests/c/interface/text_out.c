/* Text that goes out: its length, cut between two characters, ended by NUL, never beyond the buffer. */
#include "check.h"

/* 1 + 2 + 3 + 4 bytes: characters of every width. */
#define ID "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"
enum { ID_LEN = 10 };

/* Where the last character that fits whole into so many bytes ends. */
static const size_t whole[ID_LEN + 1] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};

static void cut_at_every_length(const mona_context *context) {
  size_t cap;
  for (cap = 0; cap <= ID_LEN + 2; cap++) {
    char buf[ID_LEN + 8];
    size_t len = 77;
    size_t fits = cap > ID_LEN ? ID_LEN : cap == 0 ? 0 : whole[cap - 1];
    size_t i;
    memset(buf, '#', sizeof buf);
    STATUS(cap > ID_LEN ? MONA_OK : MONA_E_TRUNCATED, mona_context_id(context, buf, cap, &len));
    CHECK(len == ID_LEN);
    if (cap > 0) {
      CHECK(memcmp(buf, ID, fits) == 0);
      CHECK(buf[fits] == '\0');
    }
    for (i = cap == 0 ? 0 : fits + 1; i < sizeof buf; i++) {
      CHECK(buf[i] == '#');
    }
  }
}

static void lengths_only(mona_client *client, const mona_context *context) {
  size_t len = 77;
  int32_t level = 5;

  STATUS(MONA_OK, mona_context_id(context, NULL, 0, &len));
  CHECK(len == ID_LEN);
  STATUS(MONA_OK, mona_current_id(NULL, 0, &len));
  CHECK(len == 0);
  STATUS(MONA_OK, mona_client_describe(client, NULL, 0, &len));
  CHECK(len > 100);
  STATUS(MONA_E_NOT_FOUND, mona_client_take(client, NULL, 0, &len));
  while (mona_log_take(&level, NULL, 0, &len) == MONA_OK) {
    char line[1024];
    STATUS(MONA_OK, mona_log_take(&level, line, sizeof line, &len));
  }
  STATUS(MONA_E_NOT_FOUND, mona_log_take(&level, NULL, 0, &len));
}

/* What does not fit is not taken. */
static void taking(mona_client *client, mona_context *context) {
  char record[512];
  size_t len = 0;
  size_t needed = 0;

  STATUS(MONA_OK, mona_context_export(context, "{\"n\":1}", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_context_export(context, "{\"n\":2}", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_client_flush(client, 60000));
  STATUS(MONA_OK, mona_client_take(client, NULL, 0, &needed));
  STATUS(MONA_E_TRUNCATED, mona_client_take(client, record, needed, &len));
  CHECK(len == needed);
  CHECK(strlen(record) < needed);
  STATUS(MONA_OK, mona_client_take(client, record, needed + 1, &len));
  CHECK(len == needed && strlen(record) == needed);
  CHECK(strstr(record, "\"n\":1") != NULL);
  STATUS(MONA_OK, mona_client_take(client, record, sizeof record, &len));
  CHECK(strstr(record, "\"n\":2") != NULL);
  memset(record, '#', sizeof record);
  STATUS(MONA_E_NOT_FOUND, mona_client_take(client, record, sizeof record, &len));
  CHECK(record[0] == '#');
}

static void last_error(mona_client *client) {
  char buf[256];
  size_t len = 0;
  size_t again = 0;

  STATUS(MONA_E_ARGUMENT, mona_client_stats(client, NULL));
  STATUS(MONA_OK, mona_last_error(NULL, 0, &len));
  CHECK(len > 20);
  /* Neither success nor its own failure changes it. */
  STATUS(MONA_E_TRUNCATED, mona_last_error(buf, 5, &again));
  CHECK(strcmp(buf, "stat") == 0);
  STATUS(MONA_E_ARGUMENT, mona_last_error(buf, 5, NULL));
  STATUS(MONA_OK, mona_current_id(buf, sizeof buf, &again));
  LAST_ERROR("stats: NULL, a struct with its size set is expected");
  STATUS(MONA_E_TRUNCATED, mona_client_describe(client, buf, 5, &again));
  STATUS(MONA_OK, mona_last_error(buf, sizeof buf, &len));
  CHECK(strncmp(buf, "cap: 5, ", 8) == 0);
}

int main(void) {
  mona_client *client;
  mona_context *context = NULL;

  LAST_ERROR("");
  client = memory_client();
  STATUS(MONA_OK, mona_client_set_default(client));
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, ID, MONA_NTS, MONA_NOW, &context));
  LAST_ERROR("");
  cut_at_every_length(context);
  lengths_only(client, context);
  taking(client, context);
  last_error(client);
  mona_context_free(context);
  mona_client_free(client);
  return finish();
}
