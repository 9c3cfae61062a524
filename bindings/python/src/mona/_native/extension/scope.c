/*
 * Scope: a main context or a sub-context for `with`.
 *
 * What it was made with is kept for its __enter__; it may be subclassed, and then holds whatever the subclass does, so
 * the collector of cycles knows it. One object serves one `with` at a time.
 */

#include "extension.h"

typedef struct {
  PyObject_HEAD
  PyObject *arc_class;
  PyObject *context_id;
  PyObject *timestamp;
  uint64_t scope;
  mona_status status; /* what the last enter answered */
  bool is_sub;
} scope_object;

static scope_object *as_scope(PyObject *self) { return (scope_object *)self; }

static void put(PyObject **place, PyObject *value) {
  PyObject *before = *place;
  *place = value ? Py_NewRef(value) : NULL;
  Py_XDECREF(before);
}

static int init(PyObject *self, PyObject *args, PyObject *kwargs) {
  PyObject *given[4] = {NULL, NULL, NULL, NULL}; /* arc_class, context_id, timestamp, is_sub */
  if (kwargs) {
    static char *names[] = {"arc_class", "context_id", "timestamp", "is_sub", NULL};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOOO:Scope", names, &given[0], &given[1], &given[2], &given[3]))
      return -1;
  } else {
    Py_ssize_t count = PyTuple_Size(args);
    if (count > 4) {
      PyErr_Format(PyExc_TypeError, "Scope takes at most 4 arguments, %zd were given", count);
      return -1;
    }
    for (Py_ssize_t at = 0; at < count; at++) given[at] = PyTuple_GetItem(args, at);
  }
  int is_sub = given[3] ? PyObject_IsTrue(given[3]) : 0;
  if (is_sub < 0) return -1;
  as_scope(self)->is_sub = is_sub;
  put(&as_scope(self)->arc_class, given[0]);
  put(&as_scope(self)->context_id, given[1]);
  put(&as_scope(self)->timestamp, given[2]);
  return 0;
}

/** A subclass may have a say in what __enter__ gives where it did not go well. Takes `id`. */
static PyObject *not_entered(PyObject *self, PyObject *id) {
  PyObject *say = PyObject_GetAttrString(self, "_not_entered");
  if (!say) {
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) Py_CLEAR(id);
    if (id) PyErr_Clear();
    return id;
  }
  PyObject *answer = PyObject_CallFunctionObjArgs(say, id, NULL);
  Py_DECREF(say);
  Py_DECREF(id);
  return answer;
}

static PyObject *enter(PyObject *self, PyTypeObject *type, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  (void)args;
  if (count || names) {
    PyErr_SetString(PyExc_TypeError, "__enter__ takes no argument");
    return NULL;
  }
  module_state *state = PyType_GetModuleState(type);
  scope_object *scope = as_scope(self);
  /* Code of the values may call __init__ again. */
  PyObject *arc_class = scope->arc_class, *context_id = scope->context_id, *timestamp = scope->timestamp;
  Py_XINCREF(arc_class);
  Py_XINCREF(context_id);
  Py_XINCREF(timestamp);
  moved out;
  PyObject *id = NULL;
  int result = scope->is_sub ? move_enter_sub(state, arc_class, context_id, &out, &id)
                             : move_enter(state, arc_class, context_id, timestamp, &out, &id);
  Py_XDECREF(arc_class);
  Py_XDECREF(context_id);
  Py_XDECREF(timestamp);
  if (result < 0) return NULL;
  scope->scope = out.scope;
  scope->status = out.status;
  return out.status == MONA_OK ? id : not_entered(self, id);
}

static PyObject *leave(PyObject *self, PyTypeObject *type, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  (void)args;
  (void)count;
  (void)names;
  uint64_t scope = as_scope(self)->scope;
  as_scope(self)->scope = 0;
  mona_status status;
  if (move_leave(PyType_GetModuleState(type), scope, &status) < 0) return NULL;
  Py_RETURN_FALSE;
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(as_scope(self)->arc_class);
  Py_VISIT(as_scope(self)->context_id);
  Py_VISIT(as_scope(self)->timestamp);
  return 0;
}

static int clear(PyObject *self) {
  Py_CLEAR(as_scope(self)->arc_class);
  Py_CLEAR(as_scope(self)->context_id);
  Py_CLEAR(as_scope(self)->timestamp);
  return 0;
}

static void dealloc(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear(self);
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

#define FAST (METH_METHOD | METH_FASTCALL | METH_KEYWORDS)

static PyMethodDef methods[] = {
    METHOD("__enter__", enter, FAST,
           "Enters; gives the full id, of a sub-context its own, \"\" where none was entered."),
    METHOD("__exit__", leave, FAST, "Leaves what __enter__ opened; False: exceptions go on."),
    {NULL, NULL, 0, NULL},
};

static PyObject *given(PyObject *value) { return value ? value : Py_None; }

static PyObject *get_given(PyObject *self, void *nothing) {
  (void)nothing;
  const scope_object *scope = as_scope(self);
  return PyTuple_Pack(4, given(scope->arc_class), given(scope->context_id), given(scope->timestamp),
                      scope->is_sub ? Py_True : Py_False);
}

static PyObject *get_status(PyObject *self, void *nothing) {
  (void)nothing;
  return PyLong_FromLong(as_scope(self)->status);
}

static PyGetSetDef properties[] = {
    {"status", get_status, NULL, PyDoc_STR("What the last enter answered."), NULL},
    {"given", get_given, NULL, PyDoc_STR("What it was made with: class, id, timestamp, is_sub."), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("Scope(arc_class=None, context_id=None, timestamp=None, is_sub=False)\n--\n\n"
                                  "A main context, or a sub-context, for one `with` at a time.")},
    {Py_tp_init, (void *)init},
    {Py_tp_new, (void *)PyType_GenericNew},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_traverse, (void *)traverse},
    {Py_tp_clear, (void *)clear},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, NULL},
};

PyType_Spec scope_spec = {
    .name = "mona._native.Scope",
    .basicsize = sizeof(scope_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
