/*
 * Every kind of refused export: it counts, and the log has one line about it, with the class, the field or the byte,
 * and no value.
 */
#include "check.h"

#define SECRET "hunter2"

static char said[16384];

/* Every line that waits, one after the other. */
static void listen_(void) {
  size_t len = 0;
  int32_t level = 0;
  said[0] = 0;
  while (sizeof said - strlen(said) > 1024) {
    char *end = said + strlen(said);
    if (mona_log_take(&level, end, 1000, &len) != MONA_OK) break;
    strcat(said, "\n");
  }
}

static int times(const char *word) {
  int found = 0;
  const char *at = said;
  while ((at = strstr(at, word)) != NULL) {
    found++;
    at += strlen(word);
  }
  return found;
}

static mona_client *client_with(const char *endpoint, const char *option, const char *value) {
  mona_options *options = mona_options_new();
  mona_client *client = NULL;
  STATUS(MONA_OK, mona_options_set(options, "endpoint", MONA_NTS, endpoint, MONA_NTS));
  STATUS(MONA_OK, mona_options_set(options, "block_timeout_ms", MONA_NTS, "1", MONA_NTS));
  if (option != NULL) STATUS(MONA_OK, mona_options_set(options, option, MONA_NTS, value, MONA_NTS));
  STATUS(MONA_OK, mona_client_new(options, &client));
  mona_options_free(options);
  return client;
}

static uint64_t refused(mona_client *client) {
  mona_stats stats;
  stats.size = sizeof stats;
  STATUS(MONA_OK, mona_client_stats(client, &stats));
  CHECK(stats.accepted == stats.delivered + stats.dropped_queue_full + stats.dropped_closed + stats.queued_events);
  return stats.refused;
}

typedef mona_status (*export_call)(mona_client *client, mona_context *context);

static mona_status not_json(mona_client *client, mona_context *context) {
  (void)client;
  return mona_context_export(context, "{\"password\":\"" SECRET "\",\"a\":}", MONA_NTS, MONA_NOW);
}

static mona_status not_utf8(mona_client *client, mona_context *context) {
  (void)client;
  return mona_context_export(context, "{\"password\":\"" SECRET "\xff\"}", MONA_NTS, MONA_NOW);
}

static mona_status too_deep(mona_client *client, mona_context *context) {
  char json[512] = "{\"" SECRET "\":";
  (void)client;
  memset(json + strlen(json), '[', 100);
  return mona_context_export(context, json, MONA_NTS, MONA_NOW);
}

static mona_status no_text(mona_client *client, mona_context *context) {
  (void)client;
  return mona_context_export(context, NULL, 0, MONA_NOW);
}

static mona_status no_fields(mona_client *client, mona_context *context) {
  (void)client;
  return mona_context_export_fields(context, NULL, 1, MONA_NOW);
}

static mona_status pair(mona_context *context, mona_field second) {
  mona_field fields[2];
  fields[0] = MONA_STR("password", SECRET);
  fields[1] = second;
  return mona_context_export_fields(context, fields, 2, MONA_NOW);
}

static mona_status odd_kind(mona_client *client, mona_context *context) {
  mona_field field = MONA_STR("score", SECRET);
  (void)client;
  field.kind = 99;
  return pair(context, field);
}

static mona_status odd_text(mona_client *client, mona_context *context) {
  (void)client;
  return pair(context, MONA_STR("score", SECRET "\xff"));
}

static mona_status odd_json(mona_client *client, mona_context *context) {
  (void)client;
  return pair(context, MONA_JSON("score", "[\"" SECRET "\","));
}

static mona_status odd_key(mona_client *client, mona_context *context) {
  (void)client;
  return pair(context, MONA_F64("\xff", 1));
}

static mona_status after_close(mona_client *client, mona_context *context) {
  STATUS(MONA_OK, mona_client_close(client, 60000));
  return mona_context_export(context, "{\"a\":1}", MONA_NTS, MONA_NOW);
}

static mona_status no_array(mona_client *client, mona_context *context) {
  size_t accepted = 7;
  mona_status status = mona_client_export_batch(client, "{\"" SECRET "\":1}", MONA_NTS, &accepted);
  (void)context;
  CHECK(accepted == 0);
  return status;
}

static mona_status no_batch(mona_client *client, mona_context *context) {
  size_t accepted = 7;
  mona_status status = mona_client_export_batch(client, NULL, MONA_NTS, &accepted);
  (void)context;
  CHECK(accepted == 7);
  return status;
}

static mona_status no_place(mona_client *client, mona_context *context) {
  (void)context;
  return mona_client_export_batch(client, "[]", MONA_NTS, NULL);
}

static mona_status waits(mona_client *client, mona_context *context) {
  (void)client;
  return mona_context_export(context, "{\"a\":1}", MONA_NTS, MONA_NOW);
}

/* One kind, three times: each counts, one line tells. */
static void kind(export_call call, mona_status expected, const char *const *words) {
  mona_client *client = call == waits ? client_with("tcp://127.0.0.1:1", "blocking", "true") : memory_client();
  mona_context *context = NULL;
  size_t word;
  int n;
  mona_status opened = mona_context_new(client, call == waits ? NULL : "ranker", MONA_NTS, "id", MONA_NTS, MONA_NOW, &context);
  STATUS(MONA_OK, opened);
  listen_();
  CHECK(refused(client) == 0);
  for (n = 1; n <= 3; n++) {
    STATUS(expected, call(client, context));
    CHECK(refused(client) == (uint64_t)n);
  }
  listen_();
  for (word = 0; words[word] != NULL; word++) {
    if (times(words[word]) != 1) {
      printf("\"%s\" once is expected in:\n%s", words[word], said);
      failures++;
    }
  }
  CHECK(times(SECRET) == 0);
  mona_context_free(context);
  mona_client_free(client);
}

#define KIND(call, expected, ...)                       \
  do {                                                  \
    const char *const words[] = {__VA_ARGS__, NULL};    \
    kind(call, expected, words);                        \
  } while (0)

static void kinds(void) {
  KIND(not_json, MONA_E_JSON, "export refused: ARC class \"ranker\", event JSON: ", "at byte 26");
  KIND(not_utf8, MONA_E_UTF8, "export refused: ARC class \"ranker\", event JSON: ", "at byte 20");
  KIND(too_deep, MONA_E_LIMIT, "export refused: ARC class \"ranker\", event JSON: ", "at most 60");
  KIND(no_text, MONA_E_ARGUMENT, "export refused: ARC class \"ranker\", json: NULL");
  KIND(no_fields, MONA_E_ARGUMENT, "export refused: ARC class \"ranker\", fields: NULL");
  KIND(odd_kind, MONA_E_ARGUMENT, "export refused: ARC class \"ranker\", field 2 \"score\", kind: 99");
  KIND(odd_text, MONA_E_UTF8, "export refused: ARC class \"ranker\", field 2 \"score\", value: ", "UTF-8");
  KIND(odd_json, MONA_E_JSON, "export refused: ARC class \"ranker\", JSON of field \"score\": ", "at byte 11");
  KIND(odd_key, MONA_E_UTF8, "export refused: ARC class \"ranker\", field 2, key: ");
  KIND(after_close, MONA_E_CLOSED, "export refused: ARC class \"ranker\", client: it was closed");
  KIND(no_array, MONA_E_JSON, "batch refused: ", "an array is expected");
  KIND(no_batch, MONA_E_ARGUMENT, "batch refused: json: NULL");
  KIND(no_place, MONA_E_ARGUMENT, "batch refused: accepted: NULL");
  /* It goes on being sent, but the caller got an error. */
  KIND(waits, MONA_E_TIMEOUT, "export not confirmed: ");
}

/* Events of a batch count one by one. */
static void batches(void) {
  mona_client *client = memory_client();
  size_t accepted = 0;
  const char *mixed = "[{\"message\":{\"a\":1}},{},5,{\"message\":7},{\"message\":{\"b\":\"\\ud800\"}},"
                      "{\"message\":{\"c\":1},\"context_id\":[]},{\"message\":{\"d\":1}}]";
  listen_();
  STATUS(MONA_E_JSON, mona_client_export_batch(client, mixed, MONA_NTS, &accepted));
  CHECK(accepted == 2);
  CHECK(refused(client) == 5);
  listen_();
  /* One for those that are no events, one for a message. */
  CHECK(times("export refused: batch event: it has no \"message\"") == 1);
  CHECK(times("export refused: event JSON: ") == 1);
  CHECK(times("export refused: ") == 2);
  STATUS(MONA_OK, mona_client_close(client, 60000));
  STATUS(MONA_E_CLOSED, mona_client_export_batch(client, mixed, MONA_NTS, &accepted));
  CHECK(accepted == 0);
  CHECK(refused(client) == 5 + 7);
  mona_client_free(client);
}

static mona_client *inner;
static mona_context *inner_context;
static int called;

static void on_line(int32_t level, const char *line, size_t len, void *user_data) {
  size_t accepted = 0;
  (void)level;
  (void)line;
  (void)len;
  (void)user_data;
  called++;
  STATUS(MONA_E_BUSY, mona_context_export(inner_context, "{\"a\":1}", MONA_NTS, MONA_NOW));
  STATUS(MONA_E_BUSY, mona_context_export_fields(inner_context, NULL, 0, MONA_NOW));
  STATUS(MONA_E_BUSY, mona_client_export_batch(inner, "[]", MONA_NTS, &accepted));
}

/* A line about a refusal inside the callback does not call the callback. */
static void inside_the_callback(void) {
  inner = memory_client();
  STATUS(MONA_OK, mona_context_new(inner, "ranker", MONA_NTS, "id", MONA_NTS, MONA_NOW, &inner_context));
  STATUS(MONA_OK, mona_log_set_callback(on_line, NULL));
  listen_();
  STATUS(MONA_E_JSON, mona_context_export(inner_context, "{", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_log_set_callback(NULL, NULL));
  CHECK(called == 1);
  CHECK(refused(inner) == 4);
  listen_();
  CHECK(times("export refused: ") == 2);
  CHECK(times("inside the log callback") == 1);
  mona_context_free(inner_context);
  mona_client_free(inner);
}

/* What is left out on purpose or dropped is not refused. */
static void not_refused(void) {
  mona_client *client = client_with("tcp://127.0.0.1:1", "queue_size", "1");
  mona_context *context = NULL;
  mona_options *options = mona_options_new();

  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, MONA_NOW, &context));
  STATUS(MONA_OK, mona_context_export(context, "{\"MONA_x\":1}", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_client_set_disabled(client, 1));
  STATUS(MONA_OK, mona_context_export(context, "{", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_client_export_batch(client, NULL, 0, &(size_t){0}));
  STATUS(MONA_OK, mona_client_set_disabled(client, 0));
  CHECK(refused(client) == 0);
  mona_context_free(context);
  mona_client_free(client);

  STATUS(MONA_OK, mona_options_set(options, "endpoint", MONA_NTS, "tcp://127.0.0.1:1", MONA_NTS));
  STATUS(MONA_OK, mona_options_set(options, "queue_size", MONA_NTS, "1", MONA_NTS));
  STATUS(MONA_OK, mona_options_set(options, "queue_circular", MONA_NTS, "false", MONA_NTS));
  STATUS(MONA_OK, mona_options_set(options, "block_timeout_ms", MONA_NTS, "1", MONA_NTS));
  STATUS(MONA_OK, mona_client_new(options, &client));
  mona_options_free(options);
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, MONA_NOW, &context));
  STATUS(MONA_OK, mona_context_export(context, "{\"a\":1}", MONA_NTS, MONA_NOW));
  STATUS(MONA_E_DROPPED, mona_context_export(context, "{\"a\":1}", MONA_NTS, MONA_NOW));
  CHECK(refused(client) == 0);
  mona_context_free(context);
  STATUS(MONA_E_TIMEOUT, mona_client_close(client, 1));
  mona_client_free(client);
}

/* An impossible timestamp gives a line, and the event is sent. */
static void timestamps(void) {
  mona_client *client = memory_client();
  mona_context *context = NULL;
  const mona_field field = MONA_F64("a", 1.5);
  char record[512];
  size_t len = 0;

  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, MONA_NOW, &context));
  listen_();
  STATUS(MONA_OK, mona_context_export(context, "{\"a\":1}", MONA_NTS, 1552903200123.0));
  STATUS(MONA_OK, mona_context_export_fields(context, &field, 1, -1e300));
  listen_();
  CHECK(times("timestamp: a number after the year 9999, milliseconds perhaps, ") == 1);
  CHECK(times("timestamp") == 1);
  CHECK(times("1552903200") == 0);
  CHECK(refused(client) == 0);
  STATUS(MONA_OK, mona_client_flush(client, 60000));
  STATUS(MONA_OK, mona_client_take(client, record, sizeof record, &len));
  STATUS(MONA_OK, mona_client_take(client, record, sizeof record, &len));
  mona_context_free(context);
  mona_client_free(client);

  /* Nothing is sent that could hold it, so the log alone tells. */
  client = memory_client();
  listen_();
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, -1e300, &context));
  listen_();
  CHECK(times("timestamp: a number before the year 1, ") == 1);
  mona_context_free(context);
  mona_client_free(client);
}

/* A context that is not opened is told of: exports that follow have no client that could. */
static void contexts(void) {
  mona_client *client = memory_client();
  mona_context *context = NULL;
  mona_context *none = NULL;
  char *large = malloc(300001);

  memset(large, 'x', 300000);
  large[300000] = 0;
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, MONA_NOW, &context));
  listen_();
  STATUS(MONA_E_UTF8, mona_context_new(client, "\xff", MONA_NTS, NULL, 0, MONA_NOW, &none));
  STATUS(MONA_E_UTF8, mona_context_new_sub(context, NULL, 0, "\xff", MONA_NTS, &none));
  CHECK(none == NULL);
  listen_();
  CHECK(times("context refused: arc_class: byte 0xff at offset 0") == 1);
  CHECK(times("context refused: ") == 1);
  CHECK(refused(client) == 0);
  mona_context_free(context);
  mona_client_free(client);

  client = memory_client();
  listen_();
  STATUS(MONA_E_LIMIT, mona_context_new(client, large, MONA_NTS, NULL, 0, MONA_NOW, &none));
  CHECK(none == NULL);
  listen_();
  CHECK(times("context refused: event: its record has 300") == 1);
  mona_client_free(client);

  listen_();
  STATUS(MONA_E_UTF8, mona_current_open("\xff", MONA_NTS, NULL, 0, MONA_NOW));
  STATUS(MONA_E_UTF8, mona_current_enter("\xff", MONA_NTS, NULL, 0, MONA_NOW, NULL));
  listen_();
  CHECK(times("context refused: arc_class: ") == 1);
  free(large);
}

/* The calling thread's context: without one, and with one. */
static void current(void) {
  mona_client *client = mona_client_default();
  listen_();
  STATUS(MONA_E_NO_CONTEXT, mona_current_export("{\"a\":1}", MONA_NTS, MONA_NOW));
  STATUS(MONA_E_JSON, mona_current_export("{", MONA_NTS, MONA_NOW));
  CHECK(refused(client) == 2);
  listen_();
  CHECK(times("no context is open") == 1);
  CHECK(times("export refused: event JSON: ") == 1);
  STATUS(MONA_OK, mona_current_enter("main", MONA_NTS, NULL, 0, MONA_NOW, NULL));
  STATUS(MONA_OK, mona_current_enter_sub("step", MONA_NTS, NULL, 0, NULL));
  STATUS(MONA_E_UTF8, mona_current_export("{\"\xff\":1}", MONA_NTS, MONA_NOW));
  STATUS(MONA_OK, mona_current_leave(MONA_INNERMOST));
  STATUS(MONA_E_ARGUMENT, mona_current_export_fields(NULL, 1, MONA_NOW));
  STATUS(MONA_OK, mona_current_leave(MONA_INNERMOST));
  STATUS(MONA_E_ARGUMENT, mona_current_export_batch(NULL, 0, &(size_t){0}));
  CHECK(refused(client) == 5);
  listen_();
  CHECK(times("export refused: ARC class \"step\", event JSON: ") == 1);
  CHECK(times("export refused: ARC class \"main\", fields: NULL") == 1);
  CHECK(times("batch refused: json: NULL") == 1);
}

/* What an older program knows of the counters is all that is written. */
static void sizes(void) {
  union {
    mona_stats stats;
    unsigned char bytes[sizeof(mona_stats) + 64];
  } place;
  mona_client *client = memory_client();
  mona_context *context = NULL;
  const size_t first = offsetof(mona_stats, refused);
  size_t size;

  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, MONA_NOW, &context));
  STATUS(MONA_E_JSON, mona_context_export(context, "{", MONA_NTS, MONA_NOW));
  for (size = first - 1; size <= sizeof place; size++) {
    size_t known = size < sizeof(mona_stats) ? size : sizeof(mona_stats);
    size_t at;
    memset(&place, 0xee, sizeof place);
    place.stats.size = size;
    STATUS(size < first ? MONA_E_ARGUMENT : MONA_OK, mona_client_stats(client, &place.stats));
    for (at = size < first ? sizeof size : known; at < sizeof place; at++) CHECK(place.bytes[at] == 0xee);
    CHECK(place.stats.size == size);
    if (size >= sizeof(mona_stats)) CHECK(place.stats.refused == 1);
    if (size >= first) CHECK(place.stats.worker_panics == 0 && place.stats.accepted == 0);
  }
  mona_context_free(context);
  mona_client_free(client);
}

int main(void) {
  kinds();
  batches();
  inside_the_callback();
  not_refused();
  timestamps();
  contexts();
  current();
  sizes();
  return finish();
}
