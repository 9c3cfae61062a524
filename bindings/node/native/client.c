/*
 * Clients: what answers at once. What waits is in work.c.
 */

#include <stdlib.h>

#include "addon.h"

/* The reports of a client are a few kilobytes; longer ones are asked for again. */
#define REPORT 16384

mona_client *client_of(const state *own) {
  double client = own->shared->client;
  return client != 0 ? (mona_client *)(uintptr_t)client : mona_client_default();
}

/* Without a client there is a sentence of mona_client_default() about it. */
static mona_status no_client(void) { return MONA_E_ARGUMENT; }

static mona_status set_options(napi_env env, napi_value list, mona_options *options) {
  uint32_t count = 0;
  napi_get_array_length(env, list, &count);
  mona_status status = MONA_OK;
  for (uint32_t at = 0; at + 1 < count && status == MONA_OK; at += 2) {
    napi_value name_value, value_value;
    size_t name_len = 0, value_len = 0;
    napi_get_element(env, list, at, &name_value);
    napi_get_element(env, list, at + 1, &value_value);
    char *name = text_of(env, name_value, &name_len);
    char *value = text_of(env, value_value, &value_len);
    status = name && value ? mona_options_set(options, name, name_len, value, value_len) : MONA_E_ARGUMENT;
    free(name);
    free(value);
  }
  return status;
}

static void end_client(napi_env env, void *entry, void *hint) {
  (void)env;
  (void)hint;
  open_end(entry);
}

/** create(object or null, [name, value, ...]): a client that belongs to the object, or without one the default one. */
static napi_value create(napi_env env, napi_callback_info info) {
  frame *shared = state_of(env)->shared;
  napi_value arguments[2];
  napi_valuetype type = napi_undefined;
  mona_client *client = NULL;
  arguments_of(env, info, arguments, 2);
  napi_typeof(env, arguments[0], &type);
  mona_options *options = mona_options_new();
  shared->client = 0;
  shared->status = options ? set_options(env, arguments[1], options) : MONA_E_PANIC;
  if (shared->status == MONA_OK) shared->status = mona_client_new(options, &client);
  mona_options_free(options);
  if (shared->status != MONA_OK) return NULL;
  if (type != napi_object) {
    /* Once it is the default one it belongs to the process: other threads use it when this one has ended. */
    shared->status = mona_client_set_default(client);
    if (shared->status != MONA_OK) mona_client_free(client);
    return NULL;
  }
  open_client *entry = open_add(client);
  if (!entry || napi_wrap(env, arguments[0], entry, end_client, NULL, NULL) != napi_ok) {
    if (entry) {
      open_end(entry);
    } else {
      mona_client_free(client);
    }
    shared->status = MONA_E_PANIC;
    return NULL;
  }
  shared->client = (double)(uintptr_t)client;
  return NULL;
}

/** exitWait(object, milliseconds): how long the client may take when its thread or the process ends. */
static napi_value exit_wait(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  void *entry = NULL;
  arguments_of(env, info, arguments, 2);
  if (napi_unwrap(env, arguments[0], &entry) == napi_ok) open_wait(entry, milliseconds_of(env, arguments[1]));
  return NULL;
}

typedef mona_status (*reporter)(mona_client *client, char *buf, size_t cap, size_t *len);

static mona_status describe_it(mona_client *client, char *buf, size_t cap, size_t *len) {
  return mona_client_describe(client, buf, cap, len);
}

static mona_status stats_it(mona_client *client, char *buf, size_t cap, size_t *len) {
  return mona_client_stats_text(client, buf, cap, len);
}

static mona_status take_it(mona_client *client, char *buf, size_t cap, size_t *len) {
  return mona_client_take(client, buf, cap, len);
}

/** What a client says, as text; null with a status. */
static napi_value report(napi_env env, reporter ask) {
  state *own = state_of(env);
  mona_client *client = client_of(own);
  char first[REPORT];
  char *text = first;
  size_t cap = sizeof first, length = 0;
  napi_value value = NULL;
  own->shared->status = client ? ask(client, text, cap, &length) : no_client();
  while (own->shared->status == MONA_E_TRUNCATED) {
    /* It may have grown since it was asked. */
    cap = length + REPORT;
    char *larger = realloc(text == first ? NULL : text, cap);
    if (!larger) break;
    text = larger;
    own->shared->status = ask(client, text, cap, &length);
  }
  if (own->shared->status == MONA_OK) value = text_value(env, text, length);
  if (text != first) free(text);
  return value ? value : null_value(env);
}

static napi_value describe(napi_env env, napi_callback_info info) {
  (void)info;
  return report(env, describe_it);
}

static napi_value stats(napi_env env, napi_callback_info info) {
  (void)info;
  return report(env, stats_it);
}

static napi_value take(napi_env env, napi_callback_info info) {
  (void)info;
  return report(env, take_it);
}

/** setGlobals(text, what keeps the client) */
static napi_value set_globals(napi_env env, napi_callback_info info) {
  state *own = state_of(env);
  mona_client *client = client_of(own);
  napi_value argument;
  size_t length = 0;
  arguments_of(env, info, &argument, 1);
  char *text = text_of(env, argument, &length);
  own->shared->status = client ? mona_client_set_globals(client, text, length) : no_client();
  free(text);
  return NULL;
}

static napi_value set_disabled(napi_env env, napi_callback_info info) {
  state *own = state_of(env);
  mona_client *client = client_of(own);
  napi_value argument;
  bool disabled = false;
  arguments_of(env, info, &argument, 1);
  napi_get_value_bool(env, argument, &disabled);
  own->shared->status = client ? mona_client_set_disabled(client, disabled) : no_client();
  return NULL;
}

static napi_value is_disabled(napi_env env, napi_callback_info info) {
  state *own = state_of(env);
  mona_client *client = client_of(own);
  int32_t disabled = 0;
  napi_value answer;
  (void)info;
  own->shared->status = client ? mona_client_is_disabled(client, &disabled) : no_client();
  napi_get_boolean(env, disabled != 0, &answer);
  return answer;
}

/** exportBatch(text, what keeps the stack, what keeps the client): how many were accepted, in the stack of the frame. */
static napi_value export_batch(napi_env env, napi_callback_info info) {
  state *own = state_of(env);
  frame *shared = own->shared;
  napi_value argument;
  size_t length = 0, accepted = 0;
  arguments_of(env, info, &argument, 1);
  char *text = text_of(env, argument, &length);
  shared->status = text ? mona_stack_export_batch((mona_client *)(uintptr_t)shared->client,
                                                  (const mona_stack *)(uintptr_t)shared->stack, text, length, &accepted)
                        : MONA_E_ARGUMENT;
  free(text);
  return number_value(env, (double)accepted);
}

void register_client(napi_env env, napi_value exports) {
  add_function(env, exports, "create", create);
  add_function(env, exports, "exitWait", exit_wait);
  add_function(env, exports, "describe", describe);
  add_function(env, exports, "stats", stats);
  add_function(env, exports, "take", take);
  add_function(env, exports, "setGlobals", set_globals);
  add_function(env, exports, "setDisabled", set_disabled);
  add_function(env, exports, "isDisabled", is_disabled);
  add_function(env, exports, "exportBatch", export_batch);
}
