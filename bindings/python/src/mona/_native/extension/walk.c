/*
 * From a dict to mona_field[].
 *
 * The fields borrow their texts from the Python objects they come from; walk.h says what keeps those alive.
 */

#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void walk_begin(walk *w, module_state *state, PyObject *hook, bool is_safe) {
  w->state = state;
  w->hook = hook;
  w->is_safe = is_safe;
  w->depth = state->client ? ((client_object *)state->client)->depth : DEPTH_LARGEST;
  w->key = NULL;
  w->refusal.status = MONA_OK;
  w->refusal.offender = NULL;
  w->refusal.key = NULL;
  w->count = 0;
  w->room = FIELDS_INLINE;
  w->fields = w->fields_first;
  w->has_json = false;
  w->held_count = 0;
  w->held_room = HELD_INLINE;
  w->held = w->held_first;
  text_begin(&w->text);
}

void walk_again(walk *w) {
  w->is_safe = true;
  w->key = NULL;
  w->count = 0;
  w->has_json = false;
  w->text.used = 0;
}

void walk_end(walk *w) {
  text_end(&w->text);
  if (w->fields != w->fields_first) free(w->fields);
  /* What is let go may run Python code, so it is done last. */
  while (w->held_count) Py_DECREF(w->held[--w->held_count]);
  if (w->held != w->held_first) free(w->held);
  Py_XDECREF(w->refusal.offender);
  Py_XDECREF(w->refusal.key);
}

walk_result walk_refuse(walk *w, mona_status status, const char *reason, PyObject *offender_or_null) {
  /* A quick walk may not make what the sentence needs. */
  if (!w->is_safe) return WALK_UNSAFE;
  w->refusal.status = status;
  w->refusal.reason = reason;
  PyObject *before[] = {w->refusal.offender, w->refusal.key};
  Py_XINCREF(offender_or_null);
  Py_XINCREF(w->key);
  w->refusal.offender = offender_or_null;
  w->refusal.key = w->key;
  Py_XDECREF(before[0]);
  Py_XDECREF(before[1]);
  return WALK_REFUSED;
}

/** Makes room for one more of `size` bytes behind `count`; NULL with an exception. */
static void *grow(void *list, const void *first, size_t *room, size_t count, size_t size) {
  size_t wanted = *room * 4;
  bool is_first = list == first;
  void *grown = wanted > PTRDIFF_MAX / size ? NULL : realloc(is_first ? NULL : list, wanted * size);
  if (!grown) {
    PyErr_NoMemory();
    return NULL;
  }
  if (is_first) memcpy(grown, first, count * size);
  *room = wanted;
  return grown;
}

walk_result walk_hold(walk *w, PyObject *owned) {
  if (w->held_count == w->held_room) {
    PyObject **held = grow(w->held, w->held_first, &w->held_room, w->held_count, sizeof *held);
    if (!held) {
      Py_DECREF(owned);
      return WALK_RAISED;
    }
    w->held = held;
  }
  w->held[w->held_count++] = owned;
  return WALK_DONE;
}

static walk_result large_number(walk *w, PyObject *value, mona_field *field, int overflow) {
  if (overflow > 0) {
    unsigned long long large = PyLong_AsUnsignedLongLong(value);
    if (large != (unsigned long long)-1 || !PyErr_Occurred()) {
      field->kind = MONA_FIELD_U64;
      field->value.u64 = large;
      return WALK_DONE;
    }
    PyErr_Clear();
  }
  return walk_refuse(w, MONA_E_JSON, "a whole number beyond 64 bits", NULL);
}

QUICK walk_result number_of(walk *w, PyObject *value, mona_field *field) {
  int overflow;
  field->value.i64 = PyLong_AsLongLongAndOverflow(value, &overflow);
  field->kind = MONA_FIELD_I64;
  return overflow == 0 ? WALK_DONE : large_number(w, value, field, overflow);
}

walk_result walk_number_of(walk *w, PyObject *value, mona_field *field) { return number_of(w, value, field); }

static walk_result no_characters(walk *w) {
  if (PyErr_ExceptionMatches(PyExc_MemoryError)) return WALK_RAISED;
  PyErr_Clear();
  return walk_refuse(w, MONA_E_UTF8, "text with a lone surrogate", NULL);
}

/** The characters of a str, for as long as it lives. */
QUICK walk_result characters(walk *w, PyObject *string, const char **bytes, size_t *count) {
  Py_ssize_t length;
  *bytes = PyUnicode_AsUTF8AndSize(string, &length);
  *count = (size_t)length;
  return *bytes ? WALK_DONE : no_characters(w);
}

static walk_result json_field(walk *w, mona_field *field, PyObject *value) {
  size_t start = w->text.used;
  w->text.most = start + TEXT_MOST;
  walk_result result = json_write(w, value);
  field->kind = MONA_FIELD_JSON;
  field->value.text.ptr = (const char *)(uintptr_t)start;
  field->value.text.len = w->text.used - start;
  w->has_json = true;
  return result;
}

static walk_result other_value(walk *w, mona_field *field, PyObject *value) {
  if (!w->is_safe) return WALK_UNSAFE;
  PyObject *plain;
  walk_result result = resolve(w, value, &plain);
  if (result == WALK_DONE) result = walk_hold(w, plain);
  return result == WALK_DONE ? walk_value(w, field, plain) : result;
}

static walk_result no_scalar(walk *w, mona_field *field, PyObject *value, kind what) {
  switch (what) {
    case KIND_LIST:
    case KIND_TUPLE:
    case KIND_DICT:
      return json_field(w, field, value);
    default:
      return other_value(w, field, value);
  }
}

/* What most fields are, in one piece: this is where the time of an export goes. */
QUICK walk_result value_of(walk *w, mona_field *field, PyObject *value) {
  field->reserved = 0;
  kind what = kind_of(value);
  switch (what) {
    case KIND_STR:
      field->kind = MONA_FIELD_STR;
      return characters(w, value, &field->value.text.ptr, &field->value.text.len);
    case KIND_FLOAT:
      field->kind = MONA_FIELD_F64;
      field->value.f64 = PyFloat_AsDouble(value);
      return WALK_DONE;
    case KIND_INT:
      return number_of(w, value, field);
    case KIND_NULL:
      field->kind = MONA_FIELD_NULL;
      return WALK_DONE;
    case KIND_BOOL:
      field->kind = MONA_FIELD_BOOL;
      field->value.boolean = value == Py_True;
      return WALK_DONE;
    default:
      return no_scalar(w, field, value, what);
  }
}

walk_result walk_value(walk *w, mona_field *field, PyObject *value) { return value_of(w, field, value); }

QUICK walk_result put(walk *w, PyObject *key, PyObject *value) {
  if (w->count == w->room) {
    mona_field *fields = grow(w->fields, w->fields_first, &w->room, w->count, sizeof *fields);
    if (!fields) return WALK_RAISED;
    w->fields = fields;
  }
  w->key = key;
  walk_result result;
  if (Py_TYPE(key) != &PyUnicode_Type && kind_of(key) != KIND_STR) {
    PyObject *text;
    result = json_key_text(w, key, &text);
    if (result == WALK_DONE) result = walk_hold(w, text);
    if (result != WALK_DONE) return result;
    w->key = key = text;
  }
  /* Nothing that runs for a value puts another field, so the place stays where it is. */
  mona_field *field = &w->fields[w->count];
  result = characters(w, key, &field->key, &field->key_len);
  if (result == WALK_DONE) result = value_of(w, field, value);
  w->count += result == WALK_DONE;
  return result;
}

static walk_result walk_dict_safely(walk *w, PyObject *message) {
  PyObject *items;
  walk_result result = resolve_items(w, message, &items);
  if (result != WALK_DONE) return result;
  PyObject *pairs = PyList_AsTuple(items);
  Py_DECREF(items);
  if (!pairs) return WALK_RAISED;
  result = walk_hold(w, pairs);
  Py_ssize_t count = result == WALK_DONE ? PyTuple_Size(pairs) : 0;
  for (Py_ssize_t at = 0; at < count && result == WALK_DONE; at++) {
    PyObject *pair = PyTuple_GetItem(pairs, at);
    if (kind_of(pair) != KIND_TUPLE || PyTuple_Size(pair) != 2)
      return walk_refuse(w, MONA_E_JSON, "a dict whose items() are no pairs", NULL);
    result = put(w, PyTuple_GetItem(pair, 0), PyTuple_GetItem(pair, 1));
  }
  return result;
}

walk_result walk_dict(walk *w, PyObject *message) {
  if (w->is_safe) return walk_dict_safely(w, message);
  if (Py_TYPE(message) != &PyDict_Type) return WALK_UNSAFE;
  PyObject *key, *value;
  Py_ssize_t position = 0;
  walk_result result = WALK_DONE;
  while (result == WALK_DONE && PyDict_Next(message, &position, &key, &value)) result = put(w, key, value);
  return result;
}

walk_result walk_keywords(walk *w, PyObject *const *values, PyObject *names) {
  Py_ssize_t count = PyTuple_Size(names);
  walk_result result = WALK_DONE;
  for (Py_ssize_t at = 0; at < count && result == WALK_DONE; at++)
    result = put(w, PyTuple_GetItem(names, at), values[at]);
  return result;
}

static void place_text(walk *w, mona_field *field) {
  if (field->kind == MONA_FIELD_JSON) field->value.text.ptr = w->text.bytes + (uintptr_t)field->value.text.ptr;
}

void walk_finish(walk *w, mona_field *extra) {
  if (!w->has_json) return;
  for (size_t at = 0; at < w->count; at++) place_text(w, &w->fields[at]);
  if (extra) place_text(w, extra);
}

/** A name of a type or the text of a key, as far as it can be had; never with an exception. */
static const char *name_of(PyObject *text) {
  const char *name = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;
  if (!name) PyErr_Clear();
  return name;
}

mona_status walk_explain(walk *w) {
  const walk_refusal *why = &w->refusal;
  PyObject *qualname = NULL;
  if (why->offender && PyType_Check(why->offender)) {
    qualname = PyObject_CallFunctionObjArgs(w->state->type_name, why->offender, NULL);
    if (!qualname) PyErr_Clear();
  }
  const char *type = name_of(qualname);
  const char *key = name_of(why->key);
  char sentence[512];
  snprintf(sentence, sizeof sentence, "%s%.150s%s: %s%s%.150s%s, one that JSON can say is expected",
           key ? "field \"" : "event", key ? key : "", key ? "\"" : "", why->reason, type ? " (" : "", type ? type : "",
           type ? ")" : "");
  Py_XDECREF(qualname);
  status_refuse(sentence);
  return why->status;
}

/** Whether what is raised is no reason to refuse a timestamp; it is forgotten then. */
static bool forgive(void) {
  if (!PyErr_ExceptionMatches(PyExc_Exception) || PyErr_ExceptionMatches(PyExc_MemoryError)) return false;
  PyErr_Clear();
  return true;
}

/** What JSON cannot say: as a float where it is a number but no int (Decimal), else its text form, held by the walk. */
static walk_result as_number_or_text(walk *w, mona_field *field, PyObject *value) {
  if (!PyLong_Check(value) && PyType_GetSlot(Py_TYPE(value), Py_nb_float)) {
    PyObject *number = PyNumber_Float(value);
    if (number) {
      field->kind = MONA_FIELD_F64;
      field->value.f64 = PyFloat_AsDouble(number);
      Py_DECREF(number);
      return WALK_DONE;
    }
    if (!forgive()) return WALK_RAISED;
  }
  PyObject *text = PyObject_Str(value);
  Py_ssize_t length;
  if (text && !PyUnicode_AsUTF8AndSize(text, &length)) Py_CLEAR(text);
  if (!text) {
    if (!forgive()) return WALK_RAISED;
    text = PyUnicode_FromString("?");
    if (!text) return WALK_RAISED;
  }
  walk_result result = walk_hold(w, text);
  return result == WALK_DONE ? walk_value(w, field, text) : result;
}

void walk_refused_field(const walk *w, mona_field *field) {
  bool is_text = w->refusal.status == MONA_E_UTF8;
  field->reserved = 0;
  field->kind = is_text ? MONA_FIELD_STR : MONA_FIELD_JSON;
  field->value.text.ptr = is_text ? "\xff" : "?";
  field->value.text.len = 1;
}

walk_result walk_timestamp(walk *w, mona_field *field, PyObject *value) {
  field->key = "timestamp";
  field->key_len = 9;
  walk_result result = walk_value(w, field, value);
  if (result == WALK_DONE && field->kind == MONA_FIELD_BOOL) {
    /* A bool is a number of Python: True is the second after 1970 began. */
    field->kind = MONA_FIELD_I64;
    field->value.i64 = value == Py_True;
  }
  return result == WALK_REFUSED ? as_number_or_text(w, field, value) : result;
}

walk_result walk_arc_class(walk *w, mona_field *field, PyObject *value) {
  field->key = "arc_class";
  field->key_len = 9;
  walk_result result = walk_value(w, field, value);
  if (result != WALK_REFUSED) return result;
  /* libmona answers the error, so that its rules decide what becomes of the context. */
  walk_refused_field(w, field);
  return WALK_REFUSED;
}
