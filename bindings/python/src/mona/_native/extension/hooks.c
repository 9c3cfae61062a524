/*
 * Which client the calls of this interpreter use, and the hooks by which the packages above decide what happens where
 * none is set yet, and where an event was refused.
 */

#include "extension.h"

/** Puts a value in place; what was there may run Python code when it goes, so it goes last. */
static void put(PyObject **place, PyObject *value_or_none) {
  PyObject *before = *place;
  *place = value_or_none && value_or_none != Py_None ? Py_NewRef(value_or_none) : NULL;
  Py_XDECREF(before);
}

/** An Error of the start hook is what became of the call: 1 and its status; other exceptions go on: -1. */
static int not_started(module_state *state, mona_status *status) {
  if (!PyErr_ExceptionMatches(state->error)) return -1;
  PyObject *type, *error, *trace;
  PyErr_Fetch(&type, &error, &trace);
  PyErr_NormalizeException(&type, &error, &trace);
  PyObject *number = error ? PyObject_GetAttrString(error, "status") : NULL;
  PyObject *detail = number ? PyObject_GetAttrString(error, "detail") : NULL;
  const char *sentence = detail && PyUnicode_Check(detail) ? PyUnicode_AsUTF8AndSize(detail, NULL) : NULL;
  long value = sentence ? PyLong_AsLong(number) : -1;
  int result = sentence && !PyErr_Occurred() ? 1 : -1;
  if (result == 1) {
    *status = (mona_status)value;
    status_refuse(sentence);
  } else if (!PyErr_Occurred()) {
    PyErr_SetString(PyExc_TypeError, "an Error has a status and a detail");
  }
  Py_XDECREF(detail);
  Py_XDECREF(number);
  Py_XDECREF(type);
  Py_XDECREF(error);
  Py_XDECREF(trace);
  return result;
}

static int start_client(module_state *state, mona_status *status) {
  if (!state->start) {
    status_refuse("client: none is set, a call of set_client() or set_hooks() is expected");
    *status = MONA_E_ARGUMENT;
    return 1;
  }
  PyObject *start = Py_NewRef(state->start);
  PyObject *client = PyObject_CallNoArgs(start);
  Py_DECREF(start);
  if (!client) return not_started(state, status);
  bool is_client = Py_TYPE(client) == state->client_type;
  if (is_client)
    put(&state->client, client);
  else
    PyErr_SetString(PyExc_TypeError, "the start hook must give a Client");
  Py_DECREF(client);
  return is_client ? 0 : -1;
}

int client_ready(module_state *state, bool is_needed, mona_status *status) {
  if (!state->client) {
    int result = is_needed ? start_client(state, status) : 0;
    if (result != 0 || !is_needed) return result;
  }
  button_look((client_object *)state->client);
  return 0;
}

PyObject *hook_refused(PyObject *hook_or_null, mona_status status, PyObject *message) {
  if (!hook_or_null) Py_RETURN_NONE;
  PyObject *detail = status_detail();
  if (!detail) return NULL;
  PyObject *hook = Py_NewRef(hook_or_null);
  PyObject *answer = PyObject_CallFunction(hook, "iOO", (int)status, detail, message ? message : Py_None);
  Py_DECREF(hook);
  Py_DECREF(detail);
  return answer;
}

static PyObject *set_hooks(PyObject *module, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"start", "refused", NULL};
  PyObject *start, *refused;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "$OO:set_hooks", names, &start, &refused)) return NULL;
  module_state *state = state_of(module);
  put(&state->start, start);
  put(&state->refused, refused);
  Py_RETURN_NONE;
}

static PyObject *set_modern_refused(PyObject *module, PyObject *refused) {
  put(&state_of(module)->modern_refused, refused);
  Py_RETURN_NONE;
}

static PyObject *set_default(PyObject *module, PyObject *hook) {
  put(&state_of(module)->modern_default, hook);
  Py_RETURN_NONE;
}

static PyObject *set_client(PyObject *module, PyObject *client) {
  module_state *state = state_of(module);
  if (client != Py_None && Py_TYPE(client) != state->client_type) {
    PyErr_SetString(PyExc_TypeError, "a Client or None is expected");
    return NULL;
  }
  put(&state->client, client);
  Py_RETURN_NONE;
}

static PyObject *client(PyObject *module, PyObject *nothing) {
  (void)nothing;
  PyObject *found = state_of(module)->client;
  return Py_NewRef(found ? found : Py_None);
}

PyMethodDef hook_methods[] = {
    METHOD("set_hooks", set_hooks, METH_VARARGS | METH_KEYWORDS,
           "Sets what makes the client, and what answers for export_message()."),
    METHOD("set_modern_refused", set_modern_refused, METH_O, "Sets what answers for export_fields()."),
    METHOD("set_default", set_default, METH_O, "Sets the default hook of export_fields(); None for none."),
    METHOD("set_client", set_client, METH_O,
           "Sets the client that the calls use; None: the next call that needs one asks the start hook."),
    METHOD("client", client, METH_NOARGS, "The client that is set, or None."),
    {NULL, NULL, 0, NULL},
};
