# `interpreter.py LIBRARY MODE`: a Python function gets the log lines, and the interpreter ends while the sender still has
# something to say, at the exit. Modes: `late` (the function stays set), `atexit` (it is taken away).
import atexit, ctypes, sys

library, mode = ctypes.CDLL(sys.argv[1]), sys.argv[2]
NTS = ctypes.c_size_t(-1).value
FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_int32, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p)


@FUNCTION
def on_line(level, line, length, user_data):
    pass


library.mona_log_set_callback.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
library.mona_current_enter.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_double,
                                       ctypes.c_void_p]
library.mona_current_export.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_double]
assert library.mona_log_set_callback(ctypes.cast(on_line, ctypes.c_void_p), None) == 0
assert library.mona_current_enter(b"py", NTS, None, 0, 0.0, None) == 0
for _ in range(5):
    assert library.mona_current_export(b'{"a": 1}', NTS, 0.0) == 0
if mode == "atexit":
    atexit.register(library.mona_log_set_callback, None, None)
