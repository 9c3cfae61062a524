using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace LibMona
{
    /// <summary>Many events as one JSON array. What cannot be said of one leaves the rest of it and the others as they
    /// are.</summary>
    public static unsafe class Batch
    {
        // A number is no message and no event, and is refused as one by the core, which counts it.
        private const string None = "0";

        /// <summary>Sends a batch from a stack, whose enters the events join; gives what a task goes on with.</summary>
        public static MonaStatus FromStack(MonaClient client, MonaStack from, IEnumerable events, out MonaStack to)
        {
            Unsayable problem = null;
            bool sent = false;
            List<object> listed = new List<object>();
            foreach (object one in events)
            {
                listed.Add(one);
                IDictionary map = one as IDictionary;
                sent = sent || (map != null && map.Contains("message"));
            }
            byte[] bytes = Call.Bytes(Text(listed, client.MaxDepth, ref problem), "batch");
            UIntPtr accepted = UIntPtr.Zero;
            int status;
            fixed (byte* text = bytes)
                status = Native.mona_stack_export_batch(client.Address, from.Address, (IntPtr)text, Call.Length(bytes),
                    (IntPtr)(&accepted));
            GC.KeepAlive(client);
            GC.KeepAlive(from);
            // Outside an enter each event replaced what was open.
            MonaStack outside;
            from.Reset(out outside);
            to = sent && !client.Disabled && outside.IsEmpty ? MonaStack.Empty : from;
            return (MonaStatus)status;
        }

        internal static string Text(IEnumerable events, int depth, ref Unsayable problem)
        {
            if (events == null) throw new ArgumentNullException("events");
            StringBuilder text = new StringBuilder("[");
            int number = 0;
            foreach (object one in events)
            {
                if (number > 0) text.Append(',');
                string said;
                try
                {
                    // The event is one level, its message the next.
                    said = HasOddId(one) ? Pieces(one, depth) : Json(one, null, depth + 1);
                }
                catch (Exception thrown)
                {
                    // Also what the program's own getters throw: the others are no worse for it.
                    Unsayable refused = Unsayable.Of(thrown);
                    problem = problem ?? new Unsayable(refused.Status, "event " + number + ": " + refused.Message);
                    said = PiecesOrNone(one, depth);
                }
                text.Append(said);
                number++;
            }
            return text.Append(']').ToString();
        }

        internal static string Json(object value, string name, int depth)
        {
            FieldBuffer buffer = FieldBuffer.Take(depth);
            try
            {
                buffer.WriteJson(value, name);
                return new string((sbyte*)buffer.Texts, 0, buffer.Used, Utf8.Strict);
            }
            finally
            {
                buffer.GiveBack();
            }
        }

        private static IEnumerable<KeyValuePair<object, object>> Pairs(object one)
        {
            if (one == null || Values.Sort(one) != ValueSort.Other) return null;
            return Values.Pairs(one) ?? (one is IEnumerable || !Values.IsObject(one.GetType()) ? null : Shape.Pairs(one));
        }

        private static bool HasOddId(object one)
        {
            IEnumerable<KeyValuePair<object, object>> pairs = Pairs(one);
            if (pairs == null) return false;
            foreach (KeyValuePair<object, object> pair in pairs)
                if ("context_id".Equals(pair.Key)) return pair.Value != null && !(pair.Value is string);
            return false;
        }

        private static string PiecesOrNone(object one, int depth)
        {
            try
            {
                return Pieces(one, depth);
            }
            catch (Exception)
            {
                return None;
            }
        }

        // One event piece by piece.
        private static string Pieces(object one, int depth)
        {
            IEnumerable<KeyValuePair<object, object>> pairs = Pairs(one);
            if (pairs == null) return None;
            StringBuilder text = new StringBuilder();
            foreach (KeyValuePair<object, object> pair in pairs)
            {
                string name = pair.Key as string;
                if (name == null) continue;
                string said;
                try
                {
                    // A name that is no Unicode goes with its value.
                    name = Json(name, name, depth);
                    object value = pair.Value;
                    if ("context_id".Equals(pair.Key) && value != null) value = Convert.ToString(value, CultureInfo.InvariantCulture);
                    said = Json(value, (string)pair.Key, depth);
                }
                catch (Unsayable)
                {
                    if ((object)name == pair.Key) continue;
                    said = "message".Equals(pair.Key) ? None : "null";
                }
                text.Append(text.Length == 0 ? '{' : ',').Append(name).Append(':').Append(said);
            }
            return text.Length == 0 ? "{}" : text.Append('}').ToString();
        }
    }
}
