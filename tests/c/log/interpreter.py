# `interpreter.py LIBRARY MODE`: a Python function gets the log lines, and the interpreter ends while the sender still has
# something to say. Modes: `late` (the first line comes at the exit), `atexit` (the same, and the function is taken away),
# `inside` (the function runs while the interpreter ends).
import atexit, ctypes, sys, time

library, mode = ctypes.CDLL(sys.argv[1]), sys.argv[2]
NTS = ctypes.c_size_t(-1).value
FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_int32, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p)
calls = [0]


@FUNCTION
def on_line(level, line, length, user_data):
    calls[0] += 1
    time.sleep(0.3 if mode == "inside" else 0.0005)


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
while mode == "inside" and not calls[0]:
    time.sleep(0.001)
