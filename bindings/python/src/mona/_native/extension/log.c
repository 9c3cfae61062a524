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
  /* The length is asked for, as a line that does not fit would be a failure to libmona, and stand in last_error(). */
  mona_status status = mona_log_take(&level, NULL, 0, &length);
  while (status == MONA_OK) {
    if (length >= cap) {
      if (line != first) free(line);
      cap = length + 1;
      line = malloc(cap);
      if (!line) return PyErr_NoMemory();
    }
    status = mona_log_take(&level, line, cap, &length);
    if (status != MONA_E_TRUNCATED) break;
    /* Another thread took the line meanwhile, and the next one is longer. */
    status = MONA_OK;
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
