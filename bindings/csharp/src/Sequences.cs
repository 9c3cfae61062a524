using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Reflection;

namespace LibMona
{
    /// <summary>What a type that is enumerated has in it; found once for each type.</summary>
    internal sealed class Sequences
    {
        private static readonly ConcurrentDictionary<Type, Sequences> Known = new ConcurrentDictionary<Type, Sequences>();

        private readonly PropertyInfo key;
        private readonly PropertyInfo value;
        /// <summary>Whether it has its own kind in it, as the tokens of JSON libraries: its items say nothing of a value
        /// that has none.</summary>
        internal readonly bool IsTree;

        private Sequences(Type type)
        {
            foreach (Type one in type.GetInterfaces())
            {
                if (!one.IsGenericType || one.GetGenericTypeDefinition() != typeof(IEnumerable<>)) continue;
                Type item = one.GetGenericArguments()[0];
                if (item != typeof(object) && item.IsAssignableFrom(type)) IsTree = true;
                if (!item.IsGenericType || item.GetGenericTypeDefinition() != typeof(KeyValuePair<,>)) continue;
                key = item.GetProperty("Key");
                value = item.GetProperty("Value");
            }
        }

        internal static Sequences Of(Type type)
        {
            Sequences known;
            return Known.TryGetValue(type, out known) ? known : Known.GetOrAdd(type, new Sequences(type));
        }

        /// <summary>The pairs of a dictionary of any types; null where it is none.</summary>
        internal IEnumerable<KeyValuePair<object, object>> Pairs(object dictionary)
        {
            return key == null || !(dictionary is IEnumerable) ? null : Read((IEnumerable)dictionary);
        }

        private IEnumerable<KeyValuePair<object, object>> Read(IEnumerable dictionary)
        {
            foreach (object pair in dictionary)
                yield return new KeyValuePair<object, object>(key.GetValue(pair, null), value.GetValue(pair, null));
        }
    }
}
