/*
 * The log lines of libmona, taken one by one: never by a callback, which would outlive the interpreter.
 */

#include <stdlib.h>

#include "extension.h"

static PyObject *log_take(PyObject *module, PyObject *nothing) {
  (void)module;
  (void)nothing;
  char first[512];
  char *line = first;
  size_t cap = sizeof first, length = 0;
  int32_t level = 0;
  mona_status status = mona_log_take(&level, line, cap, &length);
  /* Another thread may take the line meanwhile, and the next one be longer. */
  while (status == MONA_E_TRUNCATED) {
    if (line != first) free(line);
    cap = length + 1;
    line = malloc(cap);
    if (!line) return PyErr_NoMemory();
    status = mona_log_take(&level, line, cap, &length);
  }
  PyObject *taken;
  if (status == MONA_OK) {
    PyObject *text = PyUnicode_DecodeUTF8(line, (Py_ssize_t)length, "replace");
    taken = text ? Py_BuildValue("iN", (int)level, text) : NULL;
  } else {
    taken = Py_NewRef(Py_None);
  }
  if (line != first) free(line);
  return taken;
}

static PyObject *log_set_level(PyObject *module, PyObject *given) {
  int overflow;
  long level = PyLong_AsLongAndOverflow(given, &overflow);
  if (level == -1 && PyErr_Occurred()) return NULL;
  mona_status status = MONA_E_ARGUMENT;
  if (overflow || level < INT32_MIN || level > INT32_MAX) {
    status_refuse("log level: a number beyond 32 bits, one from 0 to 50 is expected");
  } else {
    status = mona_log_set_level((int32_t)level);
    status_from_library(status);
  }
  if (status == MONA_OK) Py_RETURN_NONE;
  return status_raise(state_of(module), status);
}

PyMethodDef log_methods[] = {
    METHOD("log_take", log_take, METH_NOARGS, "The oldest log line that waits, as (level, text), or None."),
    METHOD("log_set_level", log_set_level, METH_O, "Sets the least level that is logged, 0 to 50, for all clients."),
    {NULL, NULL, 0, NULL},
};
