using System.Collections.Generic;
using System.Globalization;

namespace LibMona
{
    public sealed partial class MonaOptions
    {
        private readonly List<KeyValuePair<string, string>> texts = new List<KeyValuePair<string, string>>();
        private readonly List<KeyValuePair<string, string>> others = new List<KeyValuePair<string, string>>();

        /// <summary>Sets an option by its name in the reference, as text.</summary>
        public string this[string name]
        {
            set { others.Add(new KeyValuePair<string, string>(name, value)); }
        }

        private void Add(string name, bool? value)
        {
            if (value.HasValue) Add(name, value.Value ? "true" : "false");
        }

        private void Add(string name, long? value)
        {
            if (value.HasValue) Add(name, value.Value.ToString(CultureInfo.InvariantCulture));
        }

        private void Add(string name, double? value)
        {
            if (value.HasValue) Add(name, value.Value.ToString("R", CultureInfo.InvariantCulture));
        }

        private void Add(string name, string value)
        {
            if (value != null) texts.Add(new KeyValuePair<string, string>(name, value));
        }

        /// <summary>The options in C; the first wrong one is a <see cref="MonaException"/>.</summary>
        internal unsafe OptionsHandle Make()
        {
            texts.Clear();
            Collect();
            texts.AddRange(others);
            OptionsHandle handle = new OptionsHandle();
            foreach (KeyValuePair<string, string> text in texts)
            {
                byte[] name = Call.Bytes(text.Key, "option");
                byte[] value = Call.Bytes(text.Value, text.Key);
                int status;
                fixed (byte* nameAt = name)
                fixed (byte* valueAt = value)
                    status = Native.mona_options_set(handle.DangerousGetHandle(), (System.IntPtr)nameAt, Call.Length(name),
                        (System.IntPtr)valueAt, Call.Length(value));
                if (status == 0) continue;
                MonaException error = Call.Error(status);
                handle.Dispose();
                throw error;
            }
            return handle;
        }
    }
}
