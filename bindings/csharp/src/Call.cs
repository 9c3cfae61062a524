using System;
using System.Runtime.InteropServices;

namespace LibMona
{
    /// <summary>Texts in and out of calls.</summary>
    internal static unsafe class Call
    {
        /// <summary>Of a function that writes a text: buffer, capacity, place for the length.</summary>
        internal delegate int Asked(IntPtr buffer, UIntPtr capacity, IntPtr length);

        // Nearly every text fits; a longer one is asked for again.
        private const int Room = 4096;

        internal static int Text(Asked asked, out string text)
        {
            int room = Room;
            while (true)
            {
                byte[] bytes = new byte[room];
                UIntPtr length = UIntPtr.Zero;
                int status;
                fixed (byte* to = bytes) status = asked((IntPtr)to, (UIntPtr)(uint)room, (IntPtr)(&length));
                if (status == (int)MonaStatus.Truncated && (ulong)length < int.MaxValue / 2)
                {
                    room = checked((int)length * 2);
                    continue;
                }
                int used = (int)Math.Min((ulong)length, (ulong)room - 1);
                text = System.Text.Encoding.UTF8.GetString(bytes, 0, used);
                return status;
            }
        }

        /// <summary>A text as UTF-8; null and an empty array for null. What is no Unicode is refused.</summary>
        internal static byte[] Bytes(string text, string name)
        {
            if (text == null) return null;
            try
            {
                // Never empty, so that it has an address.
                byte[] bytes = new byte[Utf8.Strict.GetByteCount(text) + 1];
                Utf8.Strict.GetBytes(text, 0, text.Length, bytes, 0);
                return bytes;
            }
            catch (System.Text.EncoderFallbackException)
            {
                throw FieldBuffer.NotUnicode(name);
            }
        }

        internal static UIntPtr Length(byte[] bytes)
        {
            return bytes == null ? UIntPtr.Zero : (UIntPtr)(uint)(bytes.Length - 1);
        }

        /// <summary>The sentence about the call that this thread has just made.</summary>
        internal static string LastError()
        {
            string text;
            Text(Native.mona_last_error, out text);
            return text;
        }

        internal static MonaException Error(int status, string detail = null)
        {
            string text = string.IsNullOrEmpty(detail) ? LastError() : detail;
            return new MonaException((MonaStatus)status, text.Length == 0 ? StatusText(status) : text);
        }

        private static string StatusText(int status)
        {
            return status >= 0 && status < StatusTexts.All.Length ? StatusTexts.All[status] : "status " + status;
        }
    }
}
