"""What bash shows where somebody types words and the key that completes: `complete.py FILE WORDS`.

FILE has the completion. The list and the line that comes of it go to standard output, the line behind `LINE: `. In a
terminal of its own, because readline and not the function decides what of a word is replaced, and how.
"""

import os
import pty
import re
import sys

# Only there to end a hang.
LIMIT = 60


def read_until(terminal, pattern):
    said = b""
    while not re.search(pattern, said):
        said += os.read(terminal, 65536)
    return said.decode(errors="replace")


def main():
    file, words = sys.argv[1:]
    shell, terminal = pty.fork()
    if shell == 0:
        # No file of the user's, no history, no colours.
        os.environ.update(TERM="dumb", HISTFILE="", PS1="", INPUTRC="/dev/null")
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    # A list of everything at once, never a question whether it is wanted.
    settings = ["show-all-if-ambiguous on", "page-completions off", "completion-query-items 0"]
    settings.append("enable-bracketed-paste off")
    setup = ["stty columns 200 rows 60", f"source {file}", *(f"bind 'set {one}'" for one in settings)]
    os.write(
        terminal, ("; ".join([*setup, f"TMOUT={LIMIT}", "PS1=", "echo READY$((1 + 1))"]) + "\n").encode()
    )
    read_until(terminal, b"READY2")
    # The line is shown by a command that is put before it, so that nothing of it runs.
    os.write(terminal, f"{words}\t\x01echo DONE$((1 + 1)) 'LINE: \x05'\n".encode())
    said = read_until(terminal, rb"DONE2.*\n")
    os.write(terminal, b"exit\n")
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        # What a terminal says when its other end is gone.
        pass
    os.waitpid(shell, 0)
    print(re.sub(r"DONE2 ", "", said).replace("\r", ""))


if __name__ == "__main__":
    main()
