using System;
using System.Runtime.InteropServices;
using System.Text;

namespace LibMona
{
    /// <summary>A field as mona.h lays it out where pointers have 64 bits.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 40)]
    internal unsafe struct Field
    {
        [FieldOffset(0)] internal byte* Key;
        [FieldOffset(8)] internal UIntPtr KeyLength;
        [FieldOffset(16)] internal int FieldKind;
        [FieldOffset(20)] internal int Reserved;
        [FieldOffset(24)] internal int Boolean;
        [FieldOffset(24)] internal long I64;
        [FieldOffset(24)] internal ulong U64;
        [FieldOffset(24)] internal double F64;
        [FieldOffset(24)] internal float F32;
        [FieldOffset(24)] internal byte* Text;
        [FieldOffset(32)] internal UIntPtr Length;
    }

    /// <summary>
    /// The fields of an event on their way: an array of them, and their texts in UTF-8, both outside the collected heap.
    /// Each thread has one and keeps it, because making it costs more than the call. While it is filled, texts are known
    /// by their place, because the memory may move; <see cref="Finish"/> makes addresses of them.
    /// </summary>
    internal sealed unsafe class FieldBuffer
    {
        // Most events have fewer; a larger one gets more.
        private const int FirstFields = 32;
        private const int FirstBytes = 8192;
        // Memory that one large event needed is not kept for ever.
        private const int KeptBytes = 1 << 20;

        [ThreadStatic] private static FieldBuffer spare;

        private readonly JsonWriter json;
        private Field* fields;
        private int fieldRoom;
        private byte* texts;
        private int textRoom;

        internal int Count { get; private set; }
        internal int Used { get; private set; }
        /// <summary>The deepest nesting that an event may have.</summary>
        internal int Depth;

        private FieldBuffer()
        {
            json = new JsonWriter(this);
            fieldRoom = FirstFields;
            fields = (Field*)Marshal.AllocHGlobal(fieldRoom * sizeof(Field));
            textRoom = FirstBytes;
            texts = (byte*)Marshal.AllocHGlobal(textRoom);
        }

        ~FieldBuffer()
        {
            Free();
        }

        private void Free()
        {
            Marshal.FreeHGlobal((IntPtr)fields);
            Marshal.FreeHGlobal((IntPtr)texts);
            fields = null;
            texts = null;
            GC.SuppressFinalize(this);
        }

        /// <summary>Takes this thread's buffer; a value's own getter that exports gets another one.</summary>
        internal static FieldBuffer Take(int depth)
        {
            FieldBuffer buffer = spare ?? new FieldBuffer();
            spare = null;
            buffer.Count = 0;
            buffer.Used = 0;
            buffer.Depth = depth;
            return buffer;
        }

        internal void GiveBack()
        {
            if (textRoom <= KeptBytes && fieldRoom <= KeptBytes / sizeof(Field)) spare = this;
            // At once: the collector does not know how much memory there is to gain.
            else Free();
        }

        /// <summary>The array, with addresses of the texts.</summary>
        internal IntPtr Finish()
        {
            Field* field = fields;
            for (Field* end = fields + Count; field != end; field++)
            {
                // A key of a shape has an address already, others a place with the highest bit set.
                if ((long)field->Key < 0) field->Key = texts + ((long)field->Key & long.MaxValue);
                if (field->FieldKind == Kind.Str || field->FieldKind == Kind.Json) field->Text = texts + field->I64;
            }
            return (IntPtr)fields;
        }

        internal IntPtr Texts { get { return (IntPtr)texts; } }

        private Field* Next(long key, int keyLength, int kind)
        {
            if (Count == fieldRoom)
            {
                // The room is said to be there when it is: there may be no memory.
                fields = (Field*)Marshal.ReAllocHGlobal((IntPtr)fields, (IntPtr)(2L * fieldRoom * sizeof(Field)));
                fieldRoom *= 2;
            }
            Field* field = fields + Count++;
            field->Key = (byte*)key;
            field->KeyLength = (UIntPtr)(uint)keyLength;
            field->FieldKind = kind;
            field->Reserved = 0;
            return field;
        }

        internal void AddNull(long key, int keyLength) { Next(key, keyLength, Kind.Null); }

        internal void AddBool(long key, int keyLength, bool value) { Next(key, keyLength, Kind.Bool)->Boolean = value ? 1 : 0; }

        internal void AddLong(long key, int keyLength, long value) { Next(key, keyLength, Kind.I64)->I64 = value; }

        internal void AddUlong(long key, int keyLength, ulong value) { Next(key, keyLength, Kind.U64)->U64 = value; }

        internal void AddDouble(long key, int keyLength, double value) { Next(key, keyLength, Kind.F64)->F64 = value; }

        internal void AddFloat(long key, int keyLength, float value) { Next(key, keyLength, Kind.F32)->F32 = value; }

        internal void AddText(long key, int keyLength, string value)
        {
            if (value == null)
            {
                AddNull(key, keyLength);
                return;
            }
            int place = Used;
            try
            {
                Write(value);
            }
            catch (EncoderFallbackException)
            {
                throw NotUnicode(KeyText(key, keyLength));
            }
            AddPlaced(key, keyLength, Kind.Str, place);
        }

        private void AddPlaced(long key, int keyLength, int kind, int place)
        {
            Field* field = Next(key, keyLength, kind);
            field->I64 = place;
            field->Length = (UIntPtr)(uint)(Used - place);
        }

        /// <summary>Any value.</summary>
        internal void AddObject(long key, int keyLength, object value)
        {
            switch (Values.Sort(value))
            {
                case ValueSort.Null: AddNull(key, keyLength); break;
                case ValueSort.Text: AddText(key, keyLength, Values.Text(value)); break;
                case ValueSort.Bool: AddBool(key, keyLength, (bool)value); break;
                case ValueSort.Long: AddLong(key, keyLength, Values.Long(value)); break;
                case ValueSort.Ulong: AddUlong(key, keyLength, (ulong)value); break;
                case ValueSort.Float: AddFloat(key, keyLength, (float)value); break;
                case ValueSort.Double: AddDouble(key, keyLength, (double)value); break;
                default:
                    int place = Used;
                    json.Begin(value, KeyText(key, keyLength), Depth - 1);
                    AddPlaced(key, keyLength, Kind.Json, place);
                    break;
            }
        }

        /// <summary>A field whose name is not known before.</summary>
        internal void AddNamed(string name, object value)
        {
            int place = Used;
            try
            {
                Write(name);
            }
            catch (EncoderFallbackException)
            {
                throw NotUnicode(name);
            }
            AddObject((long)(uint)place | long.MinValue, Used - place, value);
        }

        /// <summary>One value as JSON alone, at the beginning of the texts.</summary>
        internal void WriteJson(object value, string name)
        {
            json.Begin(value, name, Depth);
        }

        internal static Unsayable NotUnicode(string name)
        {
            return new Unsayable(MonaStatus.Utf8,
                "field " + Values.Quoted(name) + ": text with half a surrogate pair, Unicode is expected");
        }

        private string KeyText(long key, int length)
        {
            byte* start = key < 0 ? texts + (key & long.MaxValue) : (byte*)key;
            return new string((sbyte*)start, 0, length, Utf8.Strict);
        }

        /// <summary>Room for so many more bytes of text.</summary>
        internal byte* Reserve(long bytes)
        {
            long wanted = Used + bytes;
            if (wanted > textRoom)
            {
                // The core's limits are far below; int is what encoders count with.
                if (wanted > int.MaxValue / 2) throw new Unsayable(MonaStatus.Limit, "event: more than a gigabyte of text");
                int room = (int)Math.Max(wanted, textRoom * 2L);
                texts = (byte*)Marshal.ReAllocHGlobal((IntPtr)texts, (IntPtr)room);
                textRoom = room;
            }
            return texts + Used;
        }

        internal void Advance(int bytes) { Used += bytes; }

        /// <summary>Appends a text as UTF-8.</summary>
        internal void Write(string text)
        {
            int length = text.Length;
            byte* to = Reserve(length * 3L);
            fixed (char* from = text)
            {
                int at = 0;
                // Most texts are plain ones and short; the encoder costs more than to copy them.
                while (at < length && from[at] < 0x80)
                {
                    to[at] = (byte)from[at];
                    at++;
                }
                Used += at;
                if (at < length) Used += Utf8.Strict.GetBytes(from + at, length - at, to + at, (length - at) * 3);
            }
        }
    }

    internal static class Utf8
    {
        /// <summary>Refuses what is no Unicode, in place of sending a replacement.</summary>
        internal static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);
    }
}
