/*
 * What happens when a JavaScript thread loads the addon, and the conversions that all parts use.
 */

#include "addon.h"

#include <stdlib.h>
#include <string.h>

state *state_of(napi_env env) {
  void *own = NULL;
  napi_get_instance_data(env, &own);
  return own;
}

void arguments_of(napi_env env, napi_callback_info info, napi_value *arguments, size_t count) {
  /* Node-API fills up with undefined. */
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
}

char *text_of(napi_env env, napi_value value, size_t *length) {
  size_t bytes = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &bytes) != napi_ok) return NULL;
  char *text = malloc(bytes + 1);
  if (!text) return NULL;
  if (napi_get_value_string_utf8(env, value, text, bytes + 1, length) != napi_ok) {
    free(text);
    return NULL;
  }
  return text;
}

napi_value text_value(napi_env env, const char *text, size_t length) {
  napi_value value = NULL;
  napi_create_string_utf8(env, text, length, &value);
  return value;
}

napi_value number_value(napi_env env, double number) {
  napi_value value = NULL;
  napi_create_double(env, number, &value);
  return value;
}

napi_value null_value(napi_env env) {
  napi_value value = NULL;
  napi_get_null(env, &value);
  return value;
}

uint32_t milliseconds_of(napi_env env, napi_value value) {
  double number = 0;
  napi_get_value_double(env, value, &number);
  return number > 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
}

void add_function(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &value) == napi_ok)
    napi_set_named_property(env, exports, name, value);
}

static void add_number(napi_env env, napi_value exports, const char *name, double number) {
  napi_set_named_property(env, exports, name, number_value(env, number));
}

static napi_value version(napi_env env, napi_callback_info info) {
  (void)info;
  return text_value(env, mona_version(), NAPI_AUTO_LENGTH);
}

static napi_value status_text(napi_env env, napi_callback_info info) {
  napi_value status;
  int32_t number = 0;
  arguments_of(env, info, &status, 1);
  napi_get_value_int32(env, status, &number);
  return text_value(env, mona_status_text(number), NAPI_AUTO_LENGTH);
}

static napi_value last_error(napi_env env, napi_callback_info info) {
  char text[1024];
  size_t length;
  (void)info;
  if (mona_last_error(text, sizeof text, &length) == MONA_OK) return text_value(env, text, length);
  return text_value(env, text, NAPI_AUTO_LENGTH);
}

static napi_value log_level(napi_env env, napi_callback_info info) {
  napi_value level;
  int32_t number = -1;
  arguments_of(env, info, &level, 1);
  napi_get_value_int32(env, level, &number);
  return number_value(env, mona_log_set_level(number));
}

/** The oldest line of the log as [level, text], or null. */
static napi_value log_take(napi_env env, napi_callback_info info) {
  char first[2048];
  char *line = first;
  size_t length = 0;
  int32_t level = 0;
  (void)info;
  mona_status status = mona_log_take(&level, first, sizeof first, &length);
  if (status == MONA_E_TRUNCATED && (line = malloc(length + 1))) {
    status = mona_log_take(&level, line, length + 1, &length);
  }
  napi_value pair = null_value(env);
  /* Another thread may have taken the long line meanwhile, and a longer one may wait: the next call has it. */
  if (status == MONA_OK && line) {
    napi_create_array_with_length(env, 2, &pair);
    napi_set_element(env, pair, 0, number_value(env, level));
    napi_set_element(env, pair, 1, text_value(env, line, length));
  }
  if (line != first) free(line);
  return pair;
}

static napi_value ending(napi_env env, napi_callback_info info) {
  (void)info;
  atomic_store(&state_of(env)->ending, true);
  return NULL;
}

static void forget(napi_env env, void *data, void *hint) {
  state *own = data;
  (void)env;
  (void)hint;
  for (int at = 0; at < SHAPES; at++) free(own->shapes[at]);
  free(own);
}

static void add_layout(napi_env env, napi_value exports) {
  napi_value layout;
  if (napi_create_object(env, &layout) != napi_ok) return;
  add_number(env, layout, "fields", FRAME_FIELDS);
  add_number(env, layout, "shapes", SHAPES);
  add_number(env, layout, "stack", offsetof(frame, stack));
  add_number(env, layout, "client", offsetof(frame, client));
  add_number(env, layout, "to", offsetof(frame, to));
  add_number(env, layout, "scope", offsetof(frame, scope));
  add_number(env, layout, "status", offsetof(frame, status));
  add_number(env, layout, "taken", offsetof(frame, taken));
  add_number(env, layout, "count", offsetof(frame, count));
  add_number(env, layout, "shape", offsetof(frame, shape));
  add_number(env, layout, "value", offsetof(frame, value));
  add_number(env, layout, "kind", offsetof(frame, kind));
  add_number(env, layout, "length", offsetof(frame, length));
  add_number(env, layout, "keyLength", offsetof(frame, key_length));
  add_number(env, layout, "text", offsetof(frame, text));
  add_number(env, layout, "textBytes", FRAME_TEXT);
  napi_set_named_property(env, exports, "layout", layout);
}

NAPI_MODULE_INIT() {
  state *own = calloc(1, sizeof *own);
  napi_value buffer;
  void *bytes = NULL;
  if (!own || napi_set_instance_data(env, own, forget, NULL) != napi_ok) {
    free(own);
    napi_throw_error(env, NULL, "libmona: there is no memory");
    return NULL;
  }
  if (napi_create_arraybuffer(env, sizeof(frame), &bytes, &buffer) != napi_ok ||
      napi_create_reference(env, buffer, 1, &own->shared_ref) != napi_ok) {
    napi_throw_error(env, NULL, "libmona: there is no memory");
    return NULL;
  }
  own->shared = bytes;
  napi_set_named_property(env, exports, "frame", buffer);
  add_layout(env, exports);
  add_number(env, exports, "abi", mona_abi_version());
  add_number(env, exports, "abiExpected", MONA_ABI_VERSION);
  add_function(env, exports, "version", version);
  add_function(env, exports, "statusText", status_text);
  add_function(env, exports, "lastError", last_error);
  add_function(env, exports, "logLevel", log_level);
  add_function(env, exports, "logTake", log_take);
  add_function(env, exports, "ending", ending);
  register_send(env, exports);
  register_moves(env, exports);
  register_client(env, exports);
  register_work(env, exports);
  return exports;
}
