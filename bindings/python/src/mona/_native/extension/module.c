/*
 * The module mona._native._extension: its state, types and names.
 *
 * Multi-phase: each interpreter has a module of its own. Nothing is shared between interpreters but libmona itself,
 * which is safe on any thread, so an interpreter with a GIL of its own may have one too.
 */

#include <stdlib.h>
#include <string.h>

#include "extension.h"

module_state *state_of(PyObject *module) { return PyModule_GetState(module); }

/** An attribute of a module that is imported; NULL with an exception. */
static PyObject *import_name(const char *module, const char *name) {
  PyObject *imported = PyImport_ImportModule(module);
  PyObject *found = imported ? PyObject_GetAttrString(imported, name) : NULL;
  Py_XDECREF(imported);
  return found;
}

/** The reader of type.__qualname__, bound: no metaclass stands between it and the name. */
static PyObject *make_type_name(void) {
  PyObject *names = PyObject_GetAttrString((PyObject *)&PyType_Type, "__dict__");
  PyObject *reader = names ? PyMapping_GetItemString(names, "__qualname__") : NULL;
  PyObject *bound = reader ? PyObject_GetAttrString(reader, "__get__") : NULL;
  Py_XDECREF(reader);
  Py_XDECREF(names);
  return bound;
}

static PyObject *make_current(void) {
  PyObject *type = import_name("contextvars", "ContextVar");
  PyObject *args = Py_BuildValue("(s)", "mona_context");
  PyObject *kwargs = Py_BuildValue("{sO}", "default", Py_None);
  PyObject *current = type && args && kwargs ? PyObject_Call(type, args, kwargs) : NULL;
  Py_XDECREF(kwargs);
  Py_XDECREF(args);
  Py_XDECREF(type);
  return current;
}

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec, const char *name) {
  PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);
  if (type && PyModule_AddObjectRef(module, name, type) < 0) Py_CLEAR(type);
  return (PyTypeObject *)type;
}

static int add_words(module_state *state) {
  const struct {
    PyObject **place;
    const char *word;
  } words[] = {
      {&state->word_arc_class, "arc_class"}, {&state->word_context_id, "context_id"},
      {&state->word_dtype, "dtype"},         {&state->word_item, "item"},
      {&state->word_message, "message"},     {&state->word_shape, "shape"},
      {&state->word_timestamp, "export_timestamp"},
  };
  for (size_t at = 0; at < sizeof words / sizeof *words; at++)
    if (!(*words[at].place = PyUnicode_InternFromString(words[at].word))) return -1;
  return 0;
}

static int add_methods(PyObject *module) {
  PyMethodDef *const all[] = {status_methods, hook_methods, move_methods, export_methods, batch_methods, log_methods};
  for (size_t at = 0; at < sizeof all / sizeof *all; at++)
    if (PyModule_AddFunctions(module, all[at]) < 0) return -1;
  return 0;
}

static int execute(PyObject *module) {
  if (mona_abi_version() != MONA_ABI_VERSION) {
    PyErr_Format(PyExc_ImportError, "libmona: binary interface %u, that of number %u is expected",
                 (unsigned)mona_abi_version(), (unsigned)MONA_ABI_VERSION);
    return -1;
  }
  module_state *state = state_of(module);
  if (!(state->error = import_name("mona._native.error", "Error"))) return -1;
  if (!(state->current = make_current())) return -1;
  if (!(state->current_get = PyObject_GetAttrString(state->current, "get"))) return -1;
  if (!(state->current_set = PyObject_GetAttrString(state->current, "set"))) return -1;
  if (!(state->type_name = make_type_name()) || add_words(state) < 0) return -1;
  if (!(state->client_type = add_type(module, &client_spec, "Client"))) return -1;
  if (!(state->stack_type = add_type(module, &stack_spec, "Stack"))) return -1;
  if (!(state->scope_type = add_type(module, &scope_spec, "Scope"))) return -1;
  if (PyModule_AddObjectRef(module, "Error", state->error) < 0) return -1;
  if (PyModule_AddObjectRef(module, "CURRENT", state->current) < 0) return -1;
  if (PyModule_AddStringConstant(module, "IMPLEMENTATION", "extension") < 0) return -1;
  if (PyModule_AddStringConstant(module, "VERSION", mona_version()) < 0) return -1;
  return status_add_constants(module) < 0 || add_methods(module) < 0 ? -1 : 0;
}

#define EACH_MEMBER(state, DO)                                                                        \
  DO((state)->client_type) DO((state)->stack_type) DO((state)->scope_type) DO((state)->error)         \
  DO((state)->current) DO((state)->current_get) DO((state)->current_set) DO((state)->client)          \
  DO((state)->start) DO((state)->refused) DO((state)->modern_refused) DO((state)->modern_default)     \
  DO((state)->type_name) DO((state)->word_arc_class) DO((state)->word_context_id) DO((state)->word_dtype) \
  DO((state)->word_item) DO((state)->word_message) DO((state)->word_shape) DO((state)->word_timestamp)

static int traverse(PyObject *module, visitproc visit, void *arg) {
  module_state *state = state_of(module);
  if (!state) return 0;
#define VISIT(member) Py_VISIT(member);
  EACH_MEMBER(state, VISIT)
#undef VISIT
  return 0;
}

static int clear(PyObject *module) {
  module_state *state = state_of(module);
  if (!state) return 0;
#define CLEAR(member) Py_CLEAR(member);
  EACH_MEMBER(state, CLEAR)
#undef CLEAR
  return 0;
}

static void free_module(void *module) { clear(module); }

/* Py_mod_multiple_interpreters and Py_MOD_PER_INTERPRETER_GIL_SUPPORTED of CPython 3.12, which older ones refuse. */
#define SLOT_INTERPRETERS 3
#define OWN_GIL_IS_FINE ((void *)2)

static PyModuleDef_Slot slots_with_interpreters[] = {
    {Py_mod_exec, (void *)execute},
    {SLOT_INTERPRETERS, OWN_GIL_IS_FINE},
    {0, NULL},
};

static PyModuleDef_Slot slots_without[] = {
    {Py_mod_exec, (void *)execute},
    {0, NULL},
};

#define DEFINITION(which)                                                                                      \
  {                                                                                                            \
    .m_base = PyModuleDef_HEAD_INIT, .m_name = "mona._native._extension",                                      \
    .m_doc = PyDoc_STR("What stands between Python and libmona; __init__.pyi says what it gives."),            \
    .m_size = sizeof(module_state), .m_slots = (which), .m_traverse = traverse, .m_clear = clear,              \
    .m_free = free_module                                                                                      \
  }

static PyModuleDef definition_with_interpreters = DEFINITION(slots_with_interpreters);
static PyModuleDef definition_without = DEFINITION(slots_without);

PyMODINIT_FUNC PyInit__extension(void);

PyMODINIT_FUNC PyInit__extension(void) {
  /* "3.12.1 (main, ...": the limited API of 3.10 has no number for it. */
  const char *version = Py_GetVersion();
  const char *dot = strchr(version, '.');
  bool knows = strtol(version, NULL, 10) > 3 || (dot && strtol(dot + 1, NULL, 10) >= 12);
  return PyModuleDef_Init(knows ? &definition_with_interpreters : &definition_without);
}
