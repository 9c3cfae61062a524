using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

/// <summary>JSON for the tests: objects keep the order of their keys.</summary>
internal sealed class JsonObject : IEnumerable<KeyValuePair<string, object>>
{
    internal readonly List<KeyValuePair<string, object>> Pairs = new List<KeyValuePair<string, object>>();

    internal JsonObject With(string name, object value)
    {
        Pairs.Add(new KeyValuePair<string, object>(name, value));
        return this;
    }

    internal bool Has(string name)
    {
        return Pairs.Exists(one => one.Key == name);
    }

    internal object this[string name]
    {
        get { return Pairs.FindLast(one => one.Key == name).Value; }
    }

    internal string Text(string name) { return this[name] as string; }

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() { return Pairs.GetEnumerator(); }

    IEnumerator IEnumerable.GetEnumerator() { return Pairs.GetEnumerator(); }
}

internal sealed class JsonReader
{
    private readonly string text;
    private int at;

    private JsonReader(string text)
    {
        this.text = text;
    }

    internal static object Read(string text)
    {
        return new JsonReader(text).Value();
    }

    private char Skip()
    {
        while (char.IsWhiteSpace(text[at])) at++;
        return text[at];
    }

    private object Value()
    {
        char first = Skip();
        if (first == '{') return Map();
        if (first == '[') return List();
        if (first == '"') return Text();
        int from = at;
        while (at < text.Length && ",]} \n\r\t".IndexOf(text[at]) < 0) at++;
        return Word(text.Substring(from, at - from));
    }

    private static object Word(string word)
    {
        long whole;
        ulong large;
        switch (word)
        {
            case "null": return null;
            case "true": return true;
            case "false": return false;
            case "NaN": return double.NaN;
            case "Infinity": return double.PositiveInfinity;
            case "-Infinity": return double.NegativeInfinity;
        }
        if (word.IndexOfAny(new[] { '.', 'e', 'E' }) >= 0 || word == "-0") return double.Parse(word, CultureInfo.InvariantCulture);
        if (long.TryParse(word, NumberStyles.Integer, CultureInfo.InvariantCulture, out whole)) return whole;
        if (ulong.TryParse(word, NumberStyles.Integer, CultureInfo.InvariantCulture, out large)) return large;
        // Beyond 64 bits C# has decimals, and beyond those nothing that is exported: the text is as good.
        return new LibMona.MonaJson(word);
    }

    private object Map()
    {
        JsonObject map = new JsonObject();
        at++;
        while (Skip() != '}')
        {
            if (text[at] == ',') at++;
            Skip();
            string name = Text();
            Skip();
            at++;
            map.With(name, Value());
        }
        at++;
        return map;
    }

    private object List()
    {
        List<object> list = new List<object>();
        at++;
        while (Skip() != ']')
        {
            if (text[at] == ',') at++;
            list.Add(Value());
            Skip();
        }
        at++;
        return list;
    }

    private string Text()
    {
        StringBuilder said = new StringBuilder();
        for (at++; text[at] != '"'; at++)
        {
            if (text[at] != '\\')
            {
                said.Append(text[at]);
                continue;
            }
            at++;
            switch (text[at])
            {
                case 'n': said.Append('\n'); break;
                case 't': said.Append('\t'); break;
                case 'r': said.Append('\r'); break;
                case 'b': said.Append('\b'); break;
                case 'f': said.Append('\f'); break;
                case 'u':
                    said.Append((char)int.Parse(text.Substring(at + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    at += 4;
                    break;
                default: said.Append(text[at]); break;
            }
        }
        at++;
        return said.ToString();
    }
}

internal static class JsonText
{
    /// <summary>Writes what the player prints: texts, whole numbers, booleans, null, lists and objects.</summary>
    internal static void Write(StringBuilder to, object value)
    {
        JsonObject map = value as JsonObject;
        IEnumerable list = value as IEnumerable;
        if (value is string) Quote(to, (string)value);
        else if (value == null) to.Append("null");
        else if (value is bool) to.Append((bool)value ? "true" : "false");
        else if (map != null)
        {
            to.Append('{');
            foreach (KeyValuePair<string, object> pair in map)
            {
                if (to[to.Length - 1] != '{') to.Append(',');
                Quote(to, pair.Key);
                to.Append(':');
                Write(to, pair.Value);
            }
            to.Append('}');
        }
        else if (list != null)
        {
            to.Append('[');
            foreach (object one in list)
            {
                if (to[to.Length - 1] != '[') to.Append(',');
                Write(to, one);
            }
            to.Append(']');
        }
        else to.Append(Convert.ToString(value, CultureInfo.InvariantCulture));
    }

    private static void Quote(StringBuilder to, string text)
    {
        to.Append('"');
        foreach (char letter in text)
        {
            if (letter == '"' || letter == '\\') to.Append('\\').Append(letter);
            else if (letter < ' ' || letter > '~') to.Append("\\u").Append(((int)letter).ToString("x4"));
            else to.Append(letter);
        }
        to.Append('"');
    }
}
