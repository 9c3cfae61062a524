/*
 * Exports: the frame as mona_field[], and JSON text.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "addon.h"

/* Whole numbers up to here are exact in a float 64; beyond, a number of JavaScript is a float. */
#define EXACT 9007199254740992.0

static void *stack_of(const state *own) { return (void *)(uintptr_t)own->shared->stack; }

static bool take_text(const frame *shared, int32_t length, size_t *at, const char **text) {
  if (length < 0 || (size_t)length > FRAME_TEXT - *at) return false;
  *text = shared->text + *at;
  *at += (size_t)length;
  return true;
}

bool slot_field(const frame *shared, int slot, bool has_key, size_t *at, mona_field *field) {
  if (has_key) {
    field->key_len = (size_t)shared->key_length[slot];
    if (!take_text(shared, shared->key_length[slot], at, &field->key)) return false;
  }
  double number = shared->value[slot];
  field->reserved = 0;
  field->kind = shared->kind[slot];
  switch (field->kind) {
    case SLOT_NUMBER:
      if (fabs(number) <= EXACT && (double)(int64_t)number == number) {
        field->kind = MONA_FIELD_I64;
        field->value.i64 = (int64_t)number;
      } else {
        field->kind = MONA_FIELD_F64;
        field->value.f64 = number;
      }
      return true;
    case MONA_FIELD_F64:
      field->value.f64 = number;
      return true;
    case MONA_FIELD_BOOL:
      field->value.boolean = number != 0;
      return true;
    case MONA_FIELD_STR:
    case MONA_FIELD_JSON:
      field->value.text.len = (size_t)shared->length[slot];
      return take_text(shared, shared->length[slot], at, &field->value.text.ptr);
    case SLOT_BAD_TEXT:
      /* libmona is to refuse it, as it would the text that JavaScript has there. */
      field->kind = MONA_FIELD_STR;
      field->value.text.ptr = "\xff";
      field->value.text.len = 1;
      return true;
    default:
      field->kind = MONA_FIELD_NULL;
      return true;
  }
}

static const mona_field *time_field(const frame *shared, size_t at, mona_field *field) {
  if (shared->kind[FRAME_TIME] == SLOT_NONE) return NULL;
  field->key = "timestamp";
  field->key_len = 9;
  return slot_field(shared, FRAME_TIME, false, &at, field) ? field : NULL;
}

/** Sends the event in the frame. */
static napi_value send(napi_env env, napi_callback_info info) {
  (void)info;
  const state *own = state_of(env);
  frame *shared = own->shared;
  mona_field fields[FRAME_FIELDS], time;
  const mona_field *keys = shared->shape >= 0 && shared->shape < SHAPES ? own->shapes[shared->shape] : NULL;
  int32_t count = shared->count;
  size_t at = 0;
  shared->status = MONA_E_ARGUMENT;
  if (count < 0 || count > FRAME_FIELDS || (keys && count != own->shape_fields[shared->shape])) return NULL;
  for (int slot = 0; slot < count; slot++) {
    if (keys) {
      fields[slot].key = keys[slot].key;
      fields[slot].key_len = keys[slot].key_len;
    }
    if (!slot_field(shared, slot, !keys, &at, &fields[slot])) return NULL;
  }
  shared->taken = 0;
  const mona_field *when = time_field(shared, at, &time);
  shared->status = mona_stack_export_fields(stack_of(own), fields, (size_t)count, when, &shared->taken);
  return NULL;
}

/** Sends an event as text: sendJson(text, what keeps the stack). In the frame is the timestamp alone. */
static napi_value send_json(napi_env env, napi_callback_info info) {
  const state *own = state_of(env);
  frame *shared = own->shared;
  napi_value argument;
  mona_field time;
  size_t length = 0;
  arguments_of(env, info, &argument, 1);
  char *text = text_of(env, argument, &length);
  shared->taken = 0;
  shared->status = text ? mona_stack_export(stack_of(own), text, length, time_field(shared, 0, &time), &shared->taken)
                        : MONA_E_ARGUMENT;
  free(text);
  return NULL;
}

/** Keeps a list of keys: intern(number, keys). True where it could. */
static napi_value intern(napi_env env, napi_callback_info info) {
  state *own = state_of(env);
  napi_value arguments[2], key, answer;
  int32_t number = -1;
  uint32_t count = 0;
  char *text[FRAME_FIELDS];
  size_t length[FRAME_FIELDS], bytes = 0;
  uint32_t have = 0;
  arguments_of(env, info, arguments, 2);
  napi_get_value_int32(env, arguments[0], &number);
  napi_get_array_length(env, arguments[1], &count);
  mona_field *fields = NULL;
  if (number >= 0 && number < SHAPES && !own->shapes[number] && count <= FRAME_FIELDS) {
    for (; have < count; have++) {
      if (napi_get_element(env, arguments[1], have, &key) != napi_ok) break;
      if (!(text[have] = text_of(env, key, &length[have]))) break;
      bytes += length[have];
    }
    /* Fields and texts in one piece. */
    if (have == count) fields = malloc((count + 1) * sizeof *fields + bytes);
    char *at = (char *)(fields + count + 1);
    for (uint32_t one = 0; one < have; one++) {
      if (fields) {
        fields[one].key = memcpy(at, text[one], length[one]);
        fields[one].key_len = length[one];
        at += length[one];
      }
      free(text[one]);
    }
    own->shapes[number] = fields;
    own->shape_fields[number] = (int32_t)count;
  }
  napi_get_boolean(env, fields != NULL, &answer);
  return answer;
}

void register_send(napi_env env, napi_value exports) {
  add_function(env, exports, "send", send);
  add_function(env, exports, "sendJson", send_json);
  add_function(env, exports, "intern", intern);
}
