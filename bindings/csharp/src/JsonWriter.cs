using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace LibMona
{
    /// <summary>Text that is JSON already, to be a field or a part of one as it is.</summary>
    public sealed class MonaJson
    {
        /// <summary>One JSON value.</summary>
        public string Text { get; private set; }

        /// <summary>Takes the text; the library checks it when it is exported.</summary>
        public MonaJson(string text)
        {
            if (text == null) throw new ArgumentNullException("text");
            Text = text;
        }
    }

    /// <summary>Values as JSON, appended to the texts of a <see cref="FieldBuffer"/>: lists, dictionaries, objects.</summary>
    internal sealed unsafe class JsonWriter
    {
        private const string Hexadecimal = "0123456789abcdef";
        // What nesting may take of a thread's stack: Mono does not tell how much is left, and the smallest usual one is 1 MiB.
        private const long StackBytes = 256 << 10;
        private readonly FieldBuffer buffer;
        private byte* top;

        internal JsonWriter(FieldBuffer buffer)
        {
            this.buffer = buffer;
        }

        /// <summary>One value; name is where it stands in the event, depth how many levels it may have.</summary>
        internal void Begin(object value, string name, int depth)
        {
            byte here;
            top = &here;
            Value(value, name, depth);
        }

        private void Value(object value, string name, int depth)
        {
            switch (Values.Sort(value))
            {
                case ValueSort.Null: buffer.Write("null"); return;
                case ValueSort.Text: Text(Values.Text(value), name); return;
                case ValueSort.Bool: buffer.Write((bool)value ? "true" : "false"); return;
                case ValueSort.Long:
                case ValueSort.Ulong: buffer.Write(Convert.ToString(value, CultureInfo.InvariantCulture)); return;
                case ValueSort.Float: buffer.Write(Number((float)value)); return;
                case ValueSort.Double: buffer.Write(Number((double)value)); return;
            }
            string number = Values.NumberText(value);
            MonaJson json = value as MonaJson;
            if (json != null && !JsonText.IsValue(json.Text))
                throw new Unsayable(MonaStatus.Json, "field " + Values.Quoted(name) + ": JSON that is not one value, one is expected");
            if (number != null || json != null)
            {
                buffer.Write(number ?? json.Text);
                return;
            }
            if (depth <= 0)
                throw new Unsayable(MonaStatus.Limit,
                    "field " + Values.Quoted(name) + ": nested too deep, see the option max_depth");
            Container(value, name, depth - 1);
        }

        // The option max_depth may allow more levels than the stack of a thread has room for.
        private void CheckStack(string name)
        {
            byte here;
            try
            {
                RuntimeHelpers.EnsureSufficientExecutionStack();
                if (top - &here < StackBytes) return;
            }
            catch (InsufficientExecutionStackException)
            {
                // As below.
            }
            throw new Unsayable(MonaStatus.Limit,
                "field " + Values.Quoted(name) + ": nested deeper than the stack of this thread allows");
        }

        private void Container(object value, string name, int depth)
        {
            CheckStack(name);
            IEnumerable<KeyValuePair<object, object>> pairs = Values.Pairs(value);
            if (pairs != null)
            {
                Map(pairs, name, depth);
                return;
            }
            // Bytes are no list of numbers to those who have them.
            IEnumerable list = value is byte[] ? null : value as IEnumerable;
            if (list != null && Sequences.Of(value.GetType()).IsTree) throw Values.Refused(value, name);
            if (list != null)
            {
                List(list, name, depth);
                return;
            }
            if (!Values.IsObject(value.GetType())) throw Values.Refused(value, name);
            Map(Shape.Pairs(value), name, depth);
        }

        private void Map(IEnumerable<KeyValuePair<object, object>> pairs, string name, int depth)
        {
            char before = '{';
            foreach (KeyValuePair<object, object> pair in pairs)
            {
                string key = Values.KeyText(pair.Key, name);
                string place = name == null ? key : name + "." + key;
                Byte(before);
                before = ',';
                Text(key, place);
                Byte(':');
                Value(pair.Value, place, depth);
            }
            if (before == '{') Byte('{');
            Byte('}');
        }

        private void List(IEnumerable list, string name, int depth)
        {
            int number = 0;
            foreach (object item in list)
            {
                Byte(number == 0 ? '[' : ',');
                Value(item, name + "[" + number + "]", depth);
                number++;
            }
            if (number == 0) Byte('[');
            Byte(']');
        }

        private void Byte(char letter)
        {
            *buffer.Reserve(1) = (byte)letter;
            buffer.Advance(1);
        }

        private void Text(string text, string name)
        {
            Byte('"');
            try
            {
                int from = 0;
                for (int at = 0; at < text.Length; at++)
                {
                    char letter = text[at];
                    if (letter >= ' ' && letter != '"' && letter != '\\') continue;
                    buffer.Write(text.Substring(from, at - from));
                    buffer.Write(Escape(letter));
                    from = at + 1;
                }
                buffer.Write(from == 0 ? text : text.Substring(from));
            }
            catch (EncoderFallbackException)
            {
                throw FieldBuffer.NotUnicode(name);
            }
            Byte('"');
        }

        private static string Escape(char letter)
        {
            if (letter == '"') return "\\\"";
            if (letter == '\\') return "\\\\";
            return "\\u00" + Hexadecimal[letter >> 4] + Hexadecimal[letter & 15];
        }

        /// <summary>A number as JSON has it; the core takes the bare words for those that JSON lacks.</summary>
        internal static string Number(double value) { return Number(value, value.ToString("R", CultureInfo.InvariantCulture)); }

        /// <summary>By its own shortest text and not that of a double.</summary>
        internal static string Number(float value) { return Number(value, value.ToString("R", CultureInfo.InvariantCulture)); }

        private static string Number(double value, string text)
        {
            if (double.IsNaN(value)) return "NaN";
            if (double.IsInfinity(value)) return value > 0 ? "Infinity" : "-Infinity";
            // A whole one stays a floating-point number.
            return text.IndexOfAny(new[] { '.', 'E', 'e' }) < 0 ? text + ".0" : text;
        }
    }
}
