"""Writes the samples of README.md as one C# file to standard output, so that a compiler can look at them.

    readme.py >Readme.cs

What they use of the program around them stands in the class.
"""

import pathlib
import re

_README = pathlib.Path(__file__).resolve().parents[1] / "README.md"
_AROUND = """
#pragma warning disable 219 // a sample may show a result and do nothing with it
using System;
using System.Collections.Concurrent;
using System.Linq;
using LibMona;

internal static class Readme
{
    private sealed class Logger { internal void LogInformation(string format, string line) { } }
    private sealed class Row { internal double Score; }
    private static readonly Logger logger = new Logger();
    private static readonly Row[] rows = new Row[0];
    private static readonly BlockingCollection<Action> queue = new BlockingCollection<Action>();
    private static readonly string requestId = "";

    private static void Main() { }
"""


def main() -> None:
    """A method for each sample."""
    print(_AROUND)
    samples = re.findall(r"```csharp\n(.*?)```", _README.read_text(encoding="utf-8"), re.DOTALL)
    for number, sample in enumerate(samples):
        body = sample.replace("using LibMona;\n", "")
        print(f"    internal static void Sample{number}()\n    {{\n{body}\n    }}\n")
    print("}")


if __name__ == "__main__":
    main()
