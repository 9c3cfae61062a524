/*
 * One Python value as JSON text.
 *
 * The levels of nesting are kept in a list of their own: no depth of a value grows the C stack.
 */

#include <stdlib.h>
#include <string.h>

#include "walk.h"

#define LEVELS_INLINE 16

/** A container that is open. */
typedef struct {
  PyObject *container; /* borrowed in a quick walk, owned in a safe one */
  Py_ssize_t position;
  enum { LEVEL_LIST, LEVEL_TUPLE, LEVEL_DICT, LEVEL_ITEMS } form;
  bool has_any;
} level;

typedef struct {
  level *list;
  size_t depth;
  size_t room;
  level first[LEVELS_INLINE];
} levels;

static walk_result push(walk *w, levels *open, PyObject *container, kind form) {
  if (open->depth > w->depth)
    return walk_refuse(w, MONA_E_LIMIT, "a value that is nested too deep, or contains itself", NULL);
  if (open->depth == open->room) {
    size_t room = open->room * 4;
    bool is_first = open->list == open->first;
    level *list = realloc(is_first ? NULL : open->list, room * sizeof *list);
    if (!list) {
      PyErr_NoMemory();
      return WALK_RAISED;
    }
    if (is_first) memcpy(list, open->first, sizeof open->first);
    open->list = list;
    open->room = room;
  }
  level *top = &open->list[open->depth];
  top->position = 0;
  top->has_any = false;
  if (form == KIND_DICT) {
    if (!w->is_safe && Py_TYPE(container) != &PyDict_Type) return WALK_UNSAFE;
    top->form = w->is_safe ? LEVEL_ITEMS : LEVEL_DICT;
    top->container = container;
    if (w->is_safe) {
      walk_result result = resolve_items(w, container, &top->container);
      if (result != WALK_DONE) return result;
      /* Pairs are looked up in a tuple: nobody else can shorten it. */
      PyObject *fixed = PyList_AsTuple(top->container);
      Py_DECREF(top->container);
      if (!fixed) return WALK_RAISED;
      top->container = fixed;
    }
  } else if (w->is_safe) {
    top->form = LEVEL_TUPLE;
    top->container = form == KIND_LIST ? PyList_AsTuple(container) : Py_NewRef(container);
    if (!top->container) return WALK_RAISED;
  } else {
    top->form = form == KIND_LIST ? LEVEL_LIST : LEVEL_TUPLE;
    top->container = container;
  }
  open->depth++;
  return text_add(w, form == KIND_DICT ? "{" : "[", 1);
}

/** Writes a scalar whole, and of a container the beginning. */
static walk_result begin(walk *w, levels *open, PyObject *value) {
  PyObject *plain = NULL;
  kind form = kind_of(value);
  walk_result result;
  if (form == KIND_OTHER) {
    if (!w->is_safe) return WALK_UNSAFE;
    result = resolve(w, value, &plain);
    if (result != WALK_DONE) return result;
    value = plain;
    form = kind_of(value);
  }
  mona_field number;
  switch (form) {
    case KIND_NULL:
      result = text_add(w, "null", 4);
      break;
    case KIND_BOOL:
      result = value == Py_True ? text_add(w, "true", 4) : text_add(w, "false", 5);
      break;
    case KIND_INT:
      result = walk_number_of(w, value, &number);
      if (result == WALK_DONE) result = text_add_field(w, &number);
      break;
    case KIND_FLOAT:
      result = text_add_float(w, PyFloat_AsDouble(value));
      break;
    case KIND_STR:
      result = text_add_string(w, value);
      break;
    default:
      result = push(w, open, value, form);
  }
  Py_XDECREF(plain);
  return result;
}

walk_result json_key_text(walk *w, PyObject *key, PyObject **text) {
  const char *word = NULL;
  *text = NULL;
  switch (kind_of(key)) {
    case KIND_NULL:
      word = "null";
      break;
    case KIND_BOOL:
      word = key == Py_True ? "true" : "false";
      break;
    case KIND_INT:
      *text = PyNumber_ToBase(key, 10);
      break;
    case KIND_FLOAT: {
      double value = PyFloat_AsDouble(key);
      if (value != value) {
        word = "NaN";
      } else if (value - value != 0.0) {
        word = value > 0 ? "Infinity" : "-Infinity";
      } else {
        char *shortest = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
        if (!shortest) return WALK_RAISED;
        *text = PyUnicode_FromString(shortest);
        PyMem_Free(shortest);
      }
      break;
    }
    default:
      return walk_refuse(w, MONA_E_JSON, "a key of another type", (PyObject *)Py_TYPE(key));
  }
  if (word) *text = PyUnicode_FromString(word);
  if (*text) return WALK_DONE;
  if (PyErr_ExceptionMatches(PyExc_MemoryError)) return WALK_RAISED;
  /* CPython says no number of thousands of digits. */
  PyErr_Clear();
  return walk_refuse(w, MONA_E_JSON, "a key that is too large a number", NULL);
}

static walk_result put_key(walk *w, PyObject *key) {
  walk_result result;
  if (kind_of(key) == KIND_STR) {
    result = text_add_string(w, key);
  } else {
    PyObject *text;
    result = json_key_text(w, key, &text);
    if (result != WALK_DONE) return result;
    result = text_add_string(w, text);
    Py_DECREF(text);
  }
  return result == WALK_DONE ? text_add(w, ":", 1) : result;
}

/** The next key (NULL in a list) and value of the innermost container; both NULL at its end. */
static walk_result next(walk *w, level *top, PyObject **key, PyObject **value) {
  *key = *value = NULL;
  switch (top->form) {
    case LEVEL_DICT:
      PyDict_Next(top->container, &top->position, key, value);
      break;
    case LEVEL_LIST:
      if (top->position < PyList_Size(top->container)) *value = PyList_GetItem(top->container, top->position++);
      break;
    case LEVEL_TUPLE:
      if (top->position < PyTuple_Size(top->container)) *value = PyTuple_GetItem(top->container, top->position++);
      break;
    case LEVEL_ITEMS:
      if (top->position < PyTuple_Size(top->container)) {
        PyObject *pair = PyTuple_GetItem(top->container, top->position++);
        if (kind_of(pair) != KIND_TUPLE || PyTuple_Size(pair) != 2)
          return walk_refuse(w, MONA_E_JSON, "a dict whose items() are no pairs", NULL);
        *key = PyTuple_GetItem(pair, 0);
        *value = PyTuple_GetItem(pair, 1);
      }
      break;
  }
  return WALK_DONE;
}

walk_result json_write(walk *w, PyObject *value) {
  levels open;
  open.list = open.first;
  open.depth = 0;
  open.room = LEVELS_INLINE;
  walk_result result = begin(w, &open, value);
  while (result == WALK_DONE && open.depth) {
    level *top = &open.list[open.depth - 1];
    PyObject *key, *inner;
    result = next(w, top, &key, &inner);
    if (result != WALK_DONE) break;
    if (!inner) {
      bool is_map = top->form == LEVEL_DICT || top->form == LEVEL_ITEMS;
      result = text_add(w, is_map ? "}" : "]", 1);
      if (w->is_safe) Py_DECREF(top->container);
      open.depth--;
      continue;
    }
    if (top->has_any) result = text_add(w, ",", 1);
    top->has_any = true;
    if (result == WALK_DONE && key) result = put_key(w, key);
    if (result == WALK_DONE) result = begin(w, &open, inner);
  }
  if (w->is_safe)
    while (open.depth) Py_DECREF(open.list[--open.depth].container);
  if (open.list != open.first) free(open.list);
  return result;
}
