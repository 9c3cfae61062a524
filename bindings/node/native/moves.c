/*
 * Moves: from one stack to another, and what a stack says.
 *
 * The stack that a move gave belongs to an object of the script, and is freed when nobody can reach that any more:
 * only the collector of JavaScript knows when the last task that inherited it has ended.
 */

#include <stdlib.h>

#include "addon.h"

enum { ENTER, ENTER_SUB, LEAVE, OPEN, OPEN_SUB, CLOSE_SUB, RESET };

static void let_go(napi_env env, void *stack, void *hint) {
  (void)env;
  (void)hint;
  mona_stack_free(stack);
}

static const mona_field *slot_or_null(const frame *shared, int slot, size_t *at, mona_field *field) {
  if (shared->kind[slot] == SLOT_NONE) return NULL;
  field->key = slot == FRAME_CLASS ? "arc_class" : "timestamp";
  field->key_len = 9;
  return slot_field(shared, slot, false, at, field) ? field : NULL;
}

static mona_status go(int32_t move, frame *shared, const char *id, size_t id_len, mona_stack **to) {
  mona_client *client = (mona_client *)(uintptr_t)shared->client;
  const mona_stack *from = (const mona_stack *)(uintptr_t)shared->stack;
  mona_field time_place, class_place;
  size_t at = 0;
  const mona_field *time = slot_or_null(shared, FRAME_TIME, &at, &time_place);
  const mona_field *arc_class = slot_or_null(shared, FRAME_CLASS, &at, &class_place);
  switch (move) {
    case ENTER:
      return mona_stack_enter(client, from, arc_class, id, id_len, time, &shared->scope, to);
    case ENTER_SUB:
      return mona_stack_enter_sub(from, arc_class, id, id_len, &shared->scope, to);
    case LEAVE:
      return mona_stack_leave(from, shared->scope, to);
    case OPEN:
      return mona_stack_open(client, from, arc_class, id, id_len, time, to);
    case OPEN_SUB:
      return mona_stack_open_sub(from, arc_class, id, id_len, to);
    case CLOSE_SUB:
      return mona_stack_close_sub(from, id, id_len, to);
    case RESET:
      return mona_stack_reset(from, to);
    default:
      return MONA_E_ARGUMENT;
  }
}

/** move(number, object, id or null): the stack that it gives belongs to the object; `to` is 0 for the empty one. */
static napi_value move(napi_env env, napi_callback_info info) {
  frame *shared = state_of(env)->shared;
  napi_value arguments[3];
  int32_t number = -1;
  size_t id_len = 0;
  mona_stack *to = NULL;
  arguments_of(env, info, arguments, 3);
  napi_get_value_int32(env, arguments[0], &number);
  char *id = text_of(env, arguments[2], &id_len);
  shared->status = go(number, shared, id, id_len, &to);
  free(id);
  shared->to = 0;
  if (to) {
    if (napi_wrap(env, arguments[1], to, let_go, NULL, NULL) == napi_ok) {
      shared->to = (double)(uintptr_t)to;
    } else {
      mona_stack_free(to);
    }
  }
  return NULL;
}

/** Frees the stack of an object at once: free(object). */
static napi_value free_now(napi_env env, napi_callback_info info) {
  napi_value object;
  void *stack = NULL;
  arguments_of(env, info, &object, 1);
  if (napi_remove_wrap(env, object, &stack) == napi_ok) mona_stack_free(stack);
  return NULL;
}

/** The full id of the stack in the frame, "" where nothing is open. */
static napi_value id(napi_env env, napi_callback_info info) {
  const mona_stack *stack = (const mona_stack *)(uintptr_t)state_of(env)->shared->stack;
  char first[512];
  size_t length = 0;
  (void)info;
  mona_status status = mona_stack_id(stack, first, sizeof first, &length);
  if (status == MONA_OK) return text_value(env, first, length);
  if (status != MONA_E_TRUNCATED) return text_value(env, "", 0);
  /* A stack never changes, so the length is that of the second call too, or 0 where the client was disabled. */
  char *text = malloc(length + 1);
  napi_value value = text && mona_stack_id(stack, text, length + 1, &length) == MONA_OK ? text_value(env, text, length)
                                                                                      : text_value(env, "", 0);
  free(text);
  return value;
}

void register_moves(napi_env env, napi_value exports) {
  add_function(env, exports, "move", move);
  add_function(env, exports, "free", free_now);
  add_function(env, exports, "id", id);
}
