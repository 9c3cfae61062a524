/*
 * Batches: events, each in a context of its own, as one JSON text.
 *
 * A message that cannot be said stands as one that libmona refuses, so that its context and the rest of the batch go
 * out; a timestamp that cannot be said stands as its text.
 */

#include <string.h>

#include "walk.h"

/** Writes a value, or `instead` where it cannot be said. */
static walk_result put_value(walk *w, PyObject *value, const char *instead, size_t count) {
  size_t before = w->text.used;
  w->text.most = before + TEXT_MOST;
  walk_result result = json_write(w, value);
  if (result != WALK_REFUSED) return result;
  w->text.used = before;
  w->text.most = before + TEXT_MOST;
  return text_add(w, instead, count);
}

/** A value that is only wanted as text. */
static walk_result put_text_of(walk *w, PyObject *value) {
  PyObject *text = PyObject_Str(value);
  if (!text) {
    if (!PyErr_ExceptionMatches(PyExc_Exception) || PyErr_ExceptionMatches(PyExc_MemoryError)) return WALK_RAISED;
    PyErr_Clear();
    return text_add(w, "\"?\"", 3);
  }
  walk_result result = put_value(w, text, "\"?\"", 3);
  Py_DECREF(text);
  return result;
}

static walk_result put_timestamp(walk *w, PyObject *value) {
  size_t before = w->text.used;
  w->text.most = before + TEXT_MOST;
  walk_result result = json_write(w, value);
  if (result != WALK_REFUSED) return result;
  w->text.used = before;
  return put_text_of(w, value);
}

static walk_result put_name(walk *w, bool *has_any, const char *name) {
  walk_result result = *has_any ? text_add(w, ",\"", 2) : text_add(w, "\"", 1);
  *has_any = true;
  if (result == WALK_DONE) result = text_add(w, name, strlen(name));
  return result == WALK_DONE ? text_add(w, "\":", 2) : result;
}

/** What goes out of a batch. */
typedef struct {
  bool has_any;
  bool has_message; /* of any event: then libmona opened a context */
} batch;

/** One event: the four names that count, whatever else it has. */
static walk_result put_event(walk *w, batch *all, PyObject *event) {
  module_state *state = w->state;
  /* No message: libmona says so and goes on. */
  if (kind_of(event) != KIND_DICT) return put_value(w, event, "0", 1);
  const struct {
    PyObject *word;
    const char *name;
  } parts[] = {
      {state->word_arc_class, "arc_class"},
      {state->word_context_id, "context_id"},
      {state->word_timestamp, "export_timestamp"},
      {state->word_message, "message"},
  };
  walk_result result = text_add(w, "{", 1);
  bool has_any = false;
  for (size_t at = 0; at < sizeof parts / sizeof *parts && result == WALK_DONE; at++) {
    PyObject *value = PyDict_GetItemWithError(event, parts[at].word);
    if (!value && PyErr_Occurred()) return WALK_RAISED;
    if (!value) continue;
    Py_INCREF(value);
    all->has_message |= parts[at].word == state->word_message;
    result = put_name(w, &has_any, parts[at].name);
    if (result == WALK_DONE) {
      if (parts[at].word == state->word_timestamp)
        result = put_timestamp(w, value);
      else if (parts[at].word == state->word_context_id && value != Py_None && kind_of(value) != KIND_STR)
        result = put_text_of(w, value);
      else
        /* A number is no message, and is refused as one; a class that cannot be said is none. */
        result = put_value(w, value, parts[at].word == state->word_message ? "0" : "null",
                           parts[at].word == state->word_message ? 1 : 4);
    }
    Py_DECREF(value);
  }
  return result == WALK_DONE ? text_add(w, "}", 1) : result;
}

static walk_result put_events(walk *w, batch *all, PyObject *events) {
  PyObject *iterator = PyObject_GetIter(events);
  if (!iterator) return WALK_RAISED;
  walk_result result = text_add(w, "[", 1);
  while (result == WALK_DONE) {
    PyObject *event = PyIter_Next(iterator);
    if (!event) break;
    w->text.most = SIZE_MAX;
    if (all->has_any) result = text_add(w, ",", 1);
    all->has_any = true;
    if (result == WALK_DONE) result = put_event(w, all, event);
    Py_DECREF(event);
  }
  Py_DECREF(iterator);
  if (PyErr_Occurred()) return WALK_RAISED;
  w->text.most = SIZE_MAX;
  return result == WALK_DONE ? text_add(w, "]", 1) : result;
}

/** A reset leaves nothing there, and inside an enter the scopes. */
static bool is_outside_enter(const mona_stack *stack) {
  mona_stack *to = NULL;
  bool is_outside = mona_stack_reset(stack, &to) == MONA_OK && !to;
  mona_stack_free(to);
  return is_outside;
}

/** Sends the text, and puts CURRENT where a thread's context would be afterwards. */
static int send(module_state *state, walk *w, const batch *all, mona_status *status, size_t *accepted) {
  place here;
  int ready = client_ready(state, true, status);
  if (ready != 0) return ready < 0 ? -1 : 0;
  if (place_read(state, &here) < 0) return -1;
  client_object *client = (client_object *)Py_NewRef(state->client);
  bool waits = here.waits || client->waits;
  CALL_FREELY(waits, *status = mona_stack_export_batch(client->client, place_from(&here), w->text.bytes, w->text.used,
                                                       accepted));
  status_from_library(*status);
  int32_t disabled = 0;
  int result = 0;
  bool is_on = mona_client_is_disabled(client->client, &disabled) == MONA_OK && !disabled;
  /* Each event's enter replaced what stood outside an enter, and its leave left nothing. */
  if (here.object && all->has_message && is_on && is_outside_enter(here.stack)) result = place_move(state, &here, NULL);
  Py_DECREF(client);
  place_leave(&here);
  return result;
}

static PyObject *export_batch(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  PyObject *hook = count > 1 ? args[1] : NULL;
  bool has_name = names && PyTuple_Size(names) == 1;
  if (has_name && PyUnicode_CompareWithASCIIString(PyTuple_GetItem(names, 0), "default") == 0) hook = args[count];
  else has_name = false;
  if (count < 1 || count + has_name > 2 || (names && PyTuple_Size(names) && !has_name)) {
    PyErr_SetString(PyExc_TypeError, "export_batch(events, default=None) takes one or two arguments");
    return NULL;
  }
  module_state *state = state_of(module);
  if (hook == Py_None) hook = NULL;
  walk w;
  walk_begin(&w, state, hook, true);
  batch all = {false, false};
  walk_result result = put_events(&w, &all, args[0]);
  mona_status status = MONA_OK;
  size_t accepted = 0;
  if (result == WALK_REFUSED) status = walk_explain(&w);
  if (result == WALK_DONE && send(state, &w, &all, &status, &accepted) < 0) result = WALK_RAISED;
  walk_end(&w);
  return result == WALK_RAISED ? NULL : Py_BuildValue("in", (int)status, (Py_ssize_t)accepted);
}

PyMethodDef batch_methods[] = {
    METHOD("export_batch", export_batch, METH_FASTCALL | METH_KEYWORDS,
           "export_batch($module, events, default=None)\n--\n\n-> (status, accepted)"),
    {NULL, NULL, 0, NULL},
};
