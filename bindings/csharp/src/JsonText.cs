using System.Collections.Generic;

namespace LibMona
{
    /// <summary>
    /// Whether a text is one JSON value as the library reads it. Asked where the text becomes a part of a larger one: there
    /// a wrong one would be an error of the whole, or end what it stands in.
    /// </summary>
    internal static class JsonText
    {
        // Longer ones first: -Infinity is no number.
        private static readonly string[] Words = { "-Infinity", "Infinity", "NaN", "null", "true", "false" };

        internal static bool IsValue(string text)
        {
            int at = Space(text, 0);
            // The closing brackets that are due, the last one last; a list, because a deep text must not end the stack.
            List<char> open = new List<char>();
            while (true)
            {
                // A value is due.
                if (at < text.Length && (text[at] == '{' || text[at] == '['))
                {
                    char close = text[at] == '{' ? '}' : ']';
                    at = Space(text, at + 1);
                    if (at >= text.Length || text[at] != close)
                    {
                        open.Add(close);
                        if (close == '}') at = Key(text, at);
                        if (at < 0) return false;
                        continue;
                    }
                    at++;
                }
                else
                {
                    at = Scalar(text, at);
                    if (at < 0) return false;
                }
                // Behind a value: ends of what is open, or the next one.
                at = Space(text, at);
                while (open.Count > 0 && at < text.Length && text[at] == open[open.Count - 1])
                {
                    open.RemoveAt(open.Count - 1);
                    at = Space(text, at + 1);
                }
                if (open.Count == 0) return at == text.Length;
                if (at >= text.Length || text[at] != ',') return false;
                at = Space(text, at + 1);
                if (open[open.Count - 1] == '}') at = Key(text, at);
                if (at < 0) return false;
            }
        }

        private static int Space(string text, int at)
        {
            while (at < text.Length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) at++;
            return at;
        }

        // Each of these gives the place behind what it reads, -1 where it is not there.

        private static int Key(string text, int at)
        {
            at = Text(text, at);
            if (at < 0) return -1;
            at = Space(text, at);
            return at < text.Length && text[at] == ':' ? Space(text, at + 1) : -1;
        }

        private static int Scalar(string text, int at)
        {
            if (at < text.Length && text[at] == '"') return Text(text, at);
            foreach (string word in Words)
                if (string.CompareOrdinal(text, at, word, 0, word.Length) == 0) return at + word.Length;
            return Number(text, at);
        }

        private static int Text(string text, int at)
        {
            if (at >= text.Length || text[at] != '"') return -1;
            for (at++; at < text.Length; at++)
            {
                if (text[at] == '"') return at + 1;
                if (text[at] < ' ') return -1;
                if (text[at] != '\\') continue;
                at++;
                if (at >= text.Length) return -1;
                if (text[at] == 'u')
                {
                    for (int n = 0; n < 4; n++)
                        if (++at >= text.Length || "0123456789abcdefABCDEF".IndexOf(text[at]) < 0) return -1;
                }
                else if ("\"\\/bfnrt".IndexOf(text[at]) < 0) return -1;
            }
            return -1;
        }

        private static int Number(string text, int at)
        {
            if (at < text.Length && text[at] == '-') at++;
            int whole = at;
            at = Digits(text, at);
            // No digit, or a zero before others.
            if (at == whole || (text[whole] == '0' && at > whole + 1)) return -1;
            if (at < text.Length && text[at] == '.')
            {
                int part = at + 1;
                at = Digits(text, part);
                if (at == part) return -1;
            }
            if (at < text.Length && (text[at] == 'e' || text[at] == 'E'))
            {
                int power = at + 1;
                if (power < text.Length && (text[power] == '+' || text[power] == '-')) power++;
                at = Digits(text, power);
                if (at == power) return -1;
            }
            return at;
        }

        private static int Digits(string text, int at)
        {
            while (at < text.Length && text[at] >= '0' && text[at] <= '9') at++;
            return at;
        }
    }
}
