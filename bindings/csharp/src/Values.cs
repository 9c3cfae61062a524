using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;

namespace LibMona
{
    internal enum ValueSort { Null, Text, Bool, Long, Ulong, Float, Double, Other }

    /// <summary>Which values there are words for.</summary>
    internal static class Values
    {
        internal const string Expected =
            "text, a number, true, false, null, a list, a dictionary or an object of the program is expected";

        private static readonly Dictionary<Type, ValueSort> Sorts = new Dictionary<Type, ValueSort>
        {
            { typeof(string), ValueSort.Text }, { typeof(char), ValueSort.Text }, { typeof(bool), ValueSort.Bool },
            { typeof(sbyte), ValueSort.Long }, { typeof(byte), ValueSort.Long }, { typeof(short), ValueSort.Long },
            { typeof(ushort), ValueSort.Long }, { typeof(int), ValueSort.Long }, { typeof(uint), ValueSort.Long },
            { typeof(long), ValueSort.Long }, { typeof(ulong), ValueSort.Ulong },
            { typeof(float), ValueSort.Float }, { typeof(double), ValueSort.Double },
        };

        internal static ValueSort Sort(object value)
        {
            if (value == null) return ValueSort.Null;
            ValueSort sort;
            return Sorts.TryGetValue(value.GetType(), out sort) ? sort : ValueSort.Other;
        }

        internal static ValueSort SortOf(Type type)
        {
            ValueSort sort;
            return Sorts.TryGetValue(type, out sort) ? sort : ValueSort.Other;
        }

        internal static string Text(object value)
        {
            return value as string ?? value.ToString();
        }

        internal static long Long(object value)
        {
            return value is int ? (int)value : value is long ? (long)value : Convert.ToInt64(value, CultureInfo.InvariantCulture);
        }

        /// <summary>Whether a type's public properties are what is exported of it: anonymous types and the program's
        /// own. Those of the system (DateTime, Guid, tuples) are refused: what they mean as data is for the program to
        /// say.</summary>
        internal static bool IsObject(Type type)
        {
            string space = type.Namespace ?? "";
            return !type.IsPrimitive && !type.IsEnum && !type.IsPointer && !typeof(Delegate).IsAssignableFrom(type)
                && space != "System" && !space.StartsWith("System.", StringComparison.Ordinal)
                && !space.StartsWith("Microsoft.", StringComparison.Ordinal);
        }

        /// <summary>The text of a number that no kind of field has, or null.</summary>
        internal static string NumberText(object value)
        {
            if (value is decimal) return ((decimal)value).ToString(CultureInfo.InvariantCulture);
            // Not by ToString("D"), which has the minus of the program's language.
            if (value is Enum) return Whole(Convert.ChangeType(value, ((Enum)value).GetTypeCode(), CultureInfo.InvariantCulture));
            return null;
        }

        private static string Whole(object value)
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture);
        }

        internal static string KeyText(object key, string name)
        {
            switch (Sort(key))
            {
                case ValueSort.Text: return Text(key);
                case ValueSort.Null: return "null";
                case ValueSort.Bool: return (bool)key ? "true" : "false";
                case ValueSort.Float: return JsonWriter.Number((float)key);
                case ValueSort.Double: return JsonWriter.Number((double)key);
                case ValueSort.Long:
                case ValueSort.Ulong: return Whole(key);
            }
            throw new Unsayable(MonaStatus.Json,
                "a key in " + (name == null ? "the event" : Quoted(name)) + ": " + Described(key) + ", text is expected");
        }

        internal static Unsayable Refused(object value, string name)
        {
            return new Unsayable(MonaStatus.Json, "field " + Quoted(name) + ": " + Described(value) + ", " + Expected);
        }

        internal static string Described(object value)
        {
            if (value == null) return "null";
            string name = value.GetType().Name;
            return ("AEIOU".IndexOf(name[0]) >= 0 ? "an " : "a ") + name;
        }

        // A name in an error is for people: one that is very long, or has halves of surrogates, is shortened and mended.
        internal static string Quoted(string name)
        {
            if (name == null) name = "";
            if (name.Length > 80) name = name.Substring(0, 80) + "…";
            return "\"" + System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(name)) + "\"";
        }

        /// <summary>The pairs of a dictionary, of whichever kind; null where it is none.</summary>
        internal static IEnumerable<KeyValuePair<object, object>> Pairs(object value)
        {
            IDictionary plain = value as IDictionary;
            if (plain != null) return PlainPairs(plain);
            IEnumerable<KeyValuePair<object, object>> pairs = value as IEnumerable<KeyValuePair<object, object>>;
            if (pairs != null) return pairs;
            IEnumerable<KeyValuePair<string, object>> named = value as IEnumerable<KeyValuePair<string, object>>;
            if (named != null) return NamedPairs(named);
            // An array of pairs is a list.
            return value is IEnumerable && !(value is IList) ? Sequences.Of(value.GetType()).Pairs(value) : null;
        }

        private static IEnumerable<KeyValuePair<object, object>> PlainPairs(IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
                yield return new KeyValuePair<object, object>(entry.Key, entry.Value);
        }

        private static IEnumerable<KeyValuePair<object, object>> NamedPairs(IEnumerable<KeyValuePair<string, object>> pairs)
        {
            foreach (KeyValuePair<string, object> pair in pairs)
                yield return new KeyValuePair<object, object>(pair.Key, pair.Value);
        }
    }
}
