/*
 * What waits: flush, close and check, on a thread of libuv's pool with a promise, or on the calling one.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "addon.h"

enum { FLUSH, CLOSE, CHECK };

/* A flush waits in pieces so that the end of the process need not wait for a long one. */
#define PIECE_MS 100
/* A check has a line for each step of each endpoint. */
#define CHECK_BYTES 65536

typedef struct {
  napi_async_work work;
  napi_deferred deferred;
  napi_ref owner;
  state *own;
  mona_client *client;
  int32_t what;
  uint32_t milliseconds;
  mona_status status;
  char *report;
  size_t report_len;
  char detail[1024];
} job;

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static mona_status flush_in_pieces(job *one) {
  int64_t end = now_ms() + one->milliseconds;
  for (;;) {
    int64_t left = end - now_ms();
    uint32_t piece = left <= 0 ? 0 : left < PIECE_MS ? (uint32_t)left : PIECE_MS;
    mona_status status = mona_client_flush(one->client, piece);
    if (status != MONA_E_TIMEOUT || left <= PIECE_MS || atomic_load(&one->own->ending)) return status;
  }
}

static void run(job *one) {
  switch (one->what) {
    case FLUSH:
      one->status = flush_in_pieces(one);
      break;
    case CLOSE:
      one->status = mona_client_close(one->client, one->milliseconds);
      break;
    case CHECK:
      one->report = malloc(CHECK_BYTES);
      one->status = one->report
                        ? mona_client_check(one->client, one->milliseconds, one->report, CHECK_BYTES, &one->report_len)
                        : MONA_E_PANIC;
      if (one->report_len >= CHECK_BYTES) one->report_len = strlen(one->report);
      break;
    default:
      one->status = MONA_E_ARGUMENT;
  }
  size_t length;
  one->detail[0] = '\0';
  /* The sentence belongs to this thread. */
  if (one->status != MONA_OK) (void)mona_last_error(one->detail, sizeof one->detail, &length);
}

static napi_value answer(napi_env env, const job *one) {
  napi_value list;
  if (napi_create_array_with_length(env, 3, &list) != napi_ok) return NULL;
  napi_set_element(env, list, 0, number_value(env, one->status));
  napi_set_element(env, list, 1, text_value(env, one->detail, NAPI_AUTO_LENGTH));
  napi_set_element(env, list, 2, one->report ? text_value(env, one->report, one->report_len) : null_value(env));
  return list;
}

static void execute(napi_env env, void *data) {
  (void)env;
  run(data);
}

static void complete(napi_env env, napi_status status, void *data) {
  job *one = data;
  if (status == napi_cancelled) one->status = MONA_E_TIMEOUT;
  napi_value list = answer(env, one);
  if (list) napi_resolve_deferred(env, one->deferred, list);
  if (one->owner) napi_delete_reference(env, one->owner);
  napi_delete_async_work(env, one->work);
  free(one->report);
  free(one);
}

static bool read_job(napi_env env, napi_callback_info info, job *one, napi_value *owner) {
  napi_value arguments[3];
  arguments_of(env, info, arguments, 3);
  one->own = state_of(env);
  one->client = client_of(one->own);
  one->what = -1;
  napi_get_value_int32(env, arguments[0], &one->what);
  one->milliseconds = milliseconds_of(env, arguments[1]);
  *owner = arguments[2];
  return one->client != NULL;
}

/** waitHere(what, milliseconds): [status, detail, report] when it is done. */
static napi_value wait_here(napi_env env, napi_callback_info info) {
  job one = {0};
  napi_value owner;
  if (read_job(env, info, &one, &owner)) {
    run(&one);
  } else {
    size_t length;
    one.status = MONA_E_ARGUMENT;
    (void)mona_last_error(one.detail, sizeof one.detail, &length);
  }
  napi_value list = answer(env, &one);
  free(one.report);
  return list;
}

/** wait(what, milliseconds, owner): a promise of the same; the owner of the client lives as long. */
static napi_value wait(napi_env env, napi_callback_info info) {
  job *one = calloc(1, sizeof *one);
  napi_value promise = NULL, owner, name;
  if (!one) return null_value(env);
  bool has_client = read_job(env, info, one, &owner);
  if (napi_create_promise(env, &one->deferred, &promise) != napi_ok) {
    free(one);
    return null_value(env);
  }
  napi_create_string_utf8(env, "mona", NAPI_AUTO_LENGTH, &name);
  napi_valuetype type = napi_undefined;
  napi_typeof(env, owner, &type);
  if (type == napi_object) napi_create_reference(env, owner, 1, &one->owner);
  if (has_client && napi_create_async_work(env, NULL, name, execute, complete, one, &one->work) == napi_ok &&
      napi_queue_async_work(env, one->work) == napi_ok) {
    return promise;
  }
  size_t length;
  one->status = MONA_E_ARGUMENT;
  (void)mona_last_error(one->detail, sizeof one->detail, &length);
  napi_resolve_deferred(env, one->deferred, answer(env, one));
  if (one->owner) napi_delete_reference(env, one->owner);
  free(one);
  return promise;
}

void register_work(napi_env env, napi_value exports) {
  add_function(env, exports, "wait", wait);
  add_function(env, exports, "waitHere", wait_here);
}
