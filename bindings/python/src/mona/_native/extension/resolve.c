/*
 * Values that are not plain: scalars of numpy and their like by .item(), the rest by the default hook.
 *
 * Runs Python code, so only a safe walk comes here. A value whose .item() raises is no scalar, a dict subclass whose
 * items() raises cannot be said; what the hook raises, and whatever is no Exception (KeyboardInterrupt), goes to the
 * caller.
 */

#include "walk.h"

/** After a failure: an exception that only says what the value is like is forgotten and refuses the value. */
static walk_result refuse_by_exception(walk *w, const char *reason) {
  if (!PyErr_ExceptionMatches(PyExc_Exception) || PyErr_ExceptionMatches(PyExc_MemoryError)) return WALK_RAISED;
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  walk_result result = walk_refuse(w, MONA_E_JSON, reason, type);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(trace);
  return result;
}

/** After a failure: the value is no scalar, unless what was raised is for the caller. */
static walk_result no_scalar(void) {
  if (!PyErr_ExceptionMatches(PyExc_Exception) || PyErr_ExceptionMatches(PyExc_MemoryError)) return WALK_RAISED;
  PyErr_Clear();
  return WALK_DONE;
}

/** WALK_DONE with *plain NULL: the value is no scalar of that kind. */
static walk_result by_item(walk *w, PyObject *value, PyObject **plain) {
  module_state *state = w->state;
  *plain = NULL;
  /* A class has the attributes of its instances. */
  if (PyType_GetFlags(Py_TYPE(value)) & Py_TPFLAGS_TYPE_SUBCLASS) return WALK_DONE;
  PyObject *dtype = PyObject_GetAttr(value, state->word_dtype);
  if (!dtype) return no_scalar();
  Py_DECREF(dtype);
  PyObject *shape = PyObject_GetAttr(value, state->word_shape);
  if (!shape && no_scalar() != WALK_DONE) return WALK_RAISED;
  /* An array says .item() too where it has one element. */
  bool is_array = shape && kind_of(shape) == KIND_TUPLE && PyTuple_Size(shape) > 0;
  Py_XDECREF(shape);
  if (is_array) return WALK_DONE;
  PyObject *item = PyObject_GetAttr(value, state->word_item);
  if (!item) return no_scalar();
  PyObject *found = PyObject_CallNoArgs(item);
  Py_DECREF(item);
  if (!found) return no_scalar();
  if (kind_of(found) == KIND_OTHER) {
    Py_DECREF(found);
    return WALK_DONE;
  }
  *plain = found;
  return WALK_DONE;
}

walk_result resolve(walk *w, PyObject *value, PyObject **plain) {
  *plain = NULL;
  Py_INCREF(value);
  for (int hops = 0; hops < HOPS_MOST; hops++) {
    walk_result result = by_item(w, value, plain);
    if (result != WALK_DONE || *plain) {
      Py_DECREF(value);
      return result;
    }
    if (!w->hook) break;
    PyObject *answer = PyObject_CallFunctionObjArgs(w->hook, value, NULL);
    Py_DECREF(value);
    if (!answer) return WALK_RAISED;
    if (kind_of(answer) != KIND_OTHER) {
      *plain = answer;
      return WALK_DONE;
    }
    value = answer;
  }
  walk_result result = walk_refuse(w, MONA_E_JSON, "a value of another type", (PyObject *)Py_TYPE(value));
  Py_DECREF(value);
  return result;
}

walk_result resolve_items(walk *w, PyObject *dict, PyObject **items) {
  *items = Py_TYPE(dict) == &PyDict_Type ? PyDict_Items(dict) : PyMapping_Items(dict);
  if (!*items) return refuse_by_exception(w, "a dict whose items() failed");
  return WALK_DONE;
}
