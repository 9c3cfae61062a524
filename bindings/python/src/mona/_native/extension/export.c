/*
 * Exports into CURRENT.
 *
 * An event that cannot be said is given to libmona as one that it refuses: so it is counted, logged and, while
 * disabled, passed over like every other; the sentence in last_error() is the binding's, which knows the value's type.
 */

#include "walk.h"

/** What is to be exported: a dict or NULL, then keywords. */
typedef struct {
  PyObject *message;
  PyObject *const *values;
  PyObject *names;
} event;

typedef struct {
  mona_status status;
  int32_t taken;
} outcome;

static walk_result read_event(walk *w, const event *what) {
  walk_result result = WALK_DONE;
  if (what->message) result = walk_dict(w, what->message);
  if (result == WALK_DONE && what->names) result = walk_keywords(w, what->values, what->names);
  return result;
}

/** An event that libmona refuses with the status of the walk. */
static outcome refuse(walk *w, const place *here) {
  mona_field field;
  field.key = "?";
  field.key_len = 1;
  walk_refused_field(w, &field);
  Py_ssize_t length = 0;
  const char *key = w->refusal.key ? PyUnicode_AsUTF8AndSize(w->refusal.key, &length) : NULL;
  if (key) {
    field.key = key;
    field.key_len = (size_t)length;
  } else {
    PyErr_Clear();
  }
  outcome out = {MONA_OK, 0};
  out.status = mona_stack_export_fields(here->stack, &field, 1, NULL, &out.taken);
  status_from_library(out.status);
  if (out.status == MONA_E_JSON || out.status == MONA_E_UTF8) out.status = walk_explain(w);
  return out;
}

/** Exports with CURRENT as it is when all Python code has run. 0, or -1 with an exception. */
static int send(module_state *state, walk *w, const event *what, PyObject *timestamp, outcome *out) {
  place here;
  mona_field time;
  bool has_time = timestamp && timestamp != Py_None;
  if (client_ready(state, false, &out->status) < 0 || place_read(state, &here) < 0) return -1;
  if (!here.object && !state->client) {
    int ready = client_ready(state, true, &out->status);
    if (ready != 0) return ready < 0 ? -1 : 0;
    if (place_read(state, &here) < 0) return -1;
  }
  /* Other threads may change what is borrowed while the call waits. */
  w->is_safe = here.waits;
  w->depth = here.depth;
  walk_result result = read_event(w, what);
  if (result == WALK_DONE && has_time) result = walk_timestamp(w, &time, timestamp);
  if (result == WALK_UNSAFE) {
    walk_again(w);
    result = read_event(w, what);
    if (result == WALK_DONE && has_time) result = walk_timestamp(w, &time, timestamp);
  }
  if (w->is_safe && result != WALK_RAISED) {
    /* Python code may have run, and moved. */
    place_leave(&here);
    if (place_read(state, &here) < 0) return -1;
  }
  if (result == WALK_DONE) {
    walk_finish(w, has_time ? &time : NULL);
    out->taken = 0;
    CALL_FREELY(here.waits, out->status = mona_stack_export_fields(here.stack, w->fields, w->count,
                                                                   has_time ? &time : NULL, &out->taken));
    status_from_library(out->status);
  } else if (result == WALK_REFUSED) {
    *out = refuse(w, &here);
  }
  place_leave(&here);
  return result == WALK_RAISED ? -1 : 0;
}

/** A message that is no dict: libmona refuses it as text that is no object. */
static int send_no_dict(module_state *state, PyObject *message, outcome *out) {
  place here;
  out->taken = 0;
  int ready = client_ready(state, true, &out->status);
  if (ready != 0) return ready < 0 ? -1 : 0;
  if (place_read(state, &here) < 0) return -1;
  out->status = mona_stack_export(here.stack, "0", 1, NULL, &out->taken);
  place_leave(&here);
  status_from_library(out->status);
  if (out->status != MONA_E_JSON) return 0;
  PyObject *type = PyObject_CallFunctionObjArgs(state->type_name, (PyObject *)Py_TYPE(message), NULL);
  PyObject *sentence = type ? PyUnicode_FromFormat("event: a value of type %U, a dict is expected", type) : NULL;
  const char *text = sentence ? PyUnicode_AsUTF8AndSize(sentence, NULL) : NULL;
  if (!text) PyErr_Clear();
  status_refuse(text ? text : "event: another value, a dict is expected");
  Py_XDECREF(sentence);
  Py_XDECREF(type);
  return 0;
}

static int export_event(module_state *state, const event *what, PyObject *timestamp, PyObject *hook, outcome *out) {
  if (what->message && kind_of(what->message) != KIND_DICT) return send_no_dict(state, what->message, out);
  walk w;
  walk_begin(&w, state, hook, false);
  int result = send(state, &w, what, timestamp, out);
  walk_end(&w);
  return result;
}

/** Fills arguments by position and by name, as METH_FASTCALL | METH_KEYWORDS gives them. */
static bool take_arguments(PyObject *const *args, Py_ssize_t count, PyObject *names, const char *const *wanted,
                           Py_ssize_t most, PyObject **given) {
  if (count > most) {
    PyErr_Format(PyExc_TypeError, "at most %zd arguments are expected, %zd were given", most, count);
    return false;
  }
  for (Py_ssize_t at = 0; at < count; at++) given[at] = args[at];
  Py_ssize_t named = names ? PyTuple_Size(names) : 0;
  for (Py_ssize_t at = 0; at < named; at++) {
    PyObject *name = PyTuple_GetItem(names, at);
    Py_ssize_t place = 0;
    while (place < most && PyUnicode_CompareWithASCIIString(name, wanted[place]) != 0) place++;
    if (place == most || given[place]) {
      PyErr_Format(PyExc_TypeError, "argument %R is unexpected or was given twice", name);
      return false;
    }
    given[place] = args[count + at];
  }
  if (given[0]) return true;
  PyErr_Format(PyExc_TypeError, "the argument '%s' is missing", wanted[0]);
  return false;
}

static PyObject *hook_or_null(PyObject *hook) { return hook == Py_None ? NULL : hook; }

static PyObject *export_one(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  static const char *const wanted[] = {"message", "timestamp", "default"};
  PyObject *given[3] = {NULL, NULL, NULL};
  if (!take_arguments(args, count, names, wanted, 3, given)) return NULL;
  event what = {given[0], NULL, NULL};
  outcome out;
  if (export_event(state_of(module), &what, given[1], hook_or_null(given[2]), &out) < 0) return NULL;
  return Py_BuildValue("iO", (int)out.status, out.status == MONA_OK && out.taken ? Py_True : Py_False);
}

static PyObject *export_message(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  static const char *const wanted[] = {"message", "export_timestamp"};
  PyObject *given[2] = {NULL, NULL};
  if (names || count != 1) {
    if (!take_arguments(args, count, names, wanted, 2, given)) return NULL;
  } else {
    given[0] = args[0];
  }
  module_state *state = state_of(module);
  outcome out;
  /* Nothing is read of an event that is not sent. */
  if (state->client ? ((client_object *)state->client)->seen_pressed : button_is_pressed()) {
    if (client_ready(state, false, &out.status) < 0) return NULL;
    if (!state->client) Py_RETURN_NONE;
    if (((client_object *)state->client)->seen_pressed) {
      place here;
      if (place_read(state, &here) < 0) return NULL;
      status_from_library(mona_stack_export_fields(here.stack, NULL, 0, NULL, &out.taken));
      place_leave(&here);
      Py_RETURN_NONE;
    }
  }
  event what = {given[0], NULL, NULL};
  if (export_event(state, &what, given[1], NULL, &out) < 0) return NULL;
  if (out.status != MONA_OK) return hook_refused(state->refused, out.status, given[0]);
  if (out.taken) Py_RETURN_TRUE;
  Py_RETURN_NONE;
}

/** The event as one dict, for the hook. */
static PyObject *as_dict(const event *what) {
  if (!what->names) return Py_NewRef(what->message ? what->message : Py_None);
  PyObject *all = PyDict_New();
  int result = all ? 0 : -1;
  if (result == 0 && what->message && kind_of(what->message) == KIND_DICT) result = PyDict_Update(all, what->message);
  for (Py_ssize_t at = 0; result == 0 && at < PyTuple_Size(what->names); at++)
    result = PyDict_SetItem(all, PyTuple_GetItem(what->names, at), what->values[at]);
  if (result < 0) Py_CLEAR(all);
  return all;
}

static PyObject *export_fields(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  if (count > 1) {
    PyErr_Format(PyExc_TypeError, "at most 1 argument is expected, %zd were given", count);
    return NULL;
  }
  module_state *state = state_of(module);
  event what = {NULL, args + count, names && PyTuple_Size(names) ? names : NULL};
  if (count && args[0] != Py_None) what.message = args[0];
  PyObject *hook = state->modern_default;
  Py_XINCREF(hook);
  outcome out;
  int result = export_event(state, &what, NULL, hook, &out);
  Py_XDECREF(hook);
  if (result < 0) return NULL;
  if (out.status == MONA_OK) return PyBool_FromLong(out.taken);
  PyObject *message = as_dict(&what);
  PyObject *answer = message ? hook_refused(state->modern_refused, out.status, message) : NULL;
  Py_XDECREF(message);
  if (!answer) return NULL;
  int is_true = PyObject_IsTrue(answer);
  Py_DECREF(answer);
  return is_true < 0 ? NULL : PyBool_FromLong(is_true);
}

PyMethodDef export_methods[] = {
    METHOD("export", export_one, METH_FASTCALL | METH_KEYWORDS,
           "export($module, message, timestamp=None, default=None)\n--\n\n-> (status, taken)"),
    METHOD("export_message", export_message, METH_FASTCALL | METH_KEYWORDS,
           "export_message($module, message, export_timestamp=None)\n--\n\n"
           "Exports one event. True: accepted. None: skipped, refused, or there is no context."),
    METHOD("export_fields", export_fields, METH_FASTCALL | METH_KEYWORDS,
           "export_fields($module, message=None, /, **fields)\n--\n\n"
           "Exports one event with the fields of message, a dict, and the keywords into the open context.\n\n"
           "True: accepted. False: skipped on purpose, or refused, and then the log tells why."),
    {NULL, NULL, 0, NULL},
};
