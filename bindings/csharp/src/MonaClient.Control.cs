using System;
using System.Collections;
using System.Collections.Generic;

namespace LibMona
{
    public sealed unsafe partial class MonaClient
    {
        /// <summary>
        /// Sends many events at once. Each is an object or dictionary with <c>message</c> and, where wanted,
        /// <c>arc_class</c>, <c>context_id</c> and <c>export_timestamp</c>, and has a context of its own.
        /// </summary>
        /// <returns>The number accepted. Events without a message are left out.</returns>
        public long ExportBatch(IEnumerable events)
        {
            Unsayable problem = null;
            string json = Batch.Text(events, MaxDepth, ref problem);
            UIntPtr accepted = UIntPtr.Zero;
            byte[] bytes = Call.Bytes(json, "batch");
            int status;
            fixed (byte* text = bytes)
                status = Native.mona_client_export_batch(Address, (IntPtr)text, Call.Length(bytes), (IntPtr)(&accepted));
            GC.KeepAlive(this);
            if (status != 0) Refusal.Of((MonaStatus)status, this);
            else if (problem != null) Refusal.Of(problem, this);
            return (long)accepted;
        }

        /// <summary>Sets the fields that go out once with each main context from now on; null: none.</summary>
        public bool SetGlobals(object fields)
        {
            try
            {
                byte[] bytes = fields == null ? null : Call.Bytes(Batch.Json(fields, "globals", MaxDepth), "globals");
                int status;
                fixed (byte* text = bytes) status = Native.mona_client_set_globals(Address, (IntPtr)text, Call.Length(bytes));
                GC.KeepAlive(this);
                return status == 0 || Refusal.Of((MonaStatus)status, this);
            }
            catch (Unsayable problem)
            {
                return Refusal.Of(problem, this);
            }
        }

        /// <summary>Whether everything is off, whoever said so. To set it switches this client off or on again; what the
        /// environment or the config file has switched off stays off.</summary>
        public bool Disabled
        {
            get
            {
                int disabled = 0;
                int status = Native.mona_client_is_disabled(Address, (IntPtr)(&disabled));
                GC.KeepAlive(this);
                return status == 0 && disabled != 0;
            }
            set
            {
                int status = Native.mona_client_set_disabled(Address, value ? 1 : 0);
                GC.KeepAlive(this);
                if (status != 0) Refusal.Of((MonaStatus)status, this);
            }
        }

        /// <summary>Waits until everything exported so far is delivered, at most so long.</summary>
        /// <returns>True: it is.</returns>
        public bool Flush(TimeSpan? timeout = null)
        {
            return Finished(Native.mona_client_flush(Address, Milliseconds(timeout, 5)));
        }

        /// <summary>Flushes, then stops the client for good: later exports are refused.</summary>
        /// <returns>True: everything was delivered.</returns>
        public bool Close(TimeSpan? timeout = null)
        {
            return Finished(Native.mona_client_close(Address, Milliseconds(timeout, 5)));
        }

        /// <summary>Closes the client.</summary>
        public void Dispose()
        {
            Close();
        }

        /// <summary>The counters.</summary>
        public MonaStats Stats
        {
            get
            {
                string text;
                int status = Call.Text((to, room, length) => Native.mona_client_stats_text(Address, to, room, length), out text);
                GC.KeepAlive(this);
                if (status != 0) throw Call.Error(status);
                return new MonaStats(text);
            }
        }

        /// <summary>Every option, its value and where it came from, as a JSON object; secrets are hidden.</summary>
        public string Describe()
        {
            string text;
            int status = Call.Text((to, room, length) => Native.mona_client_describe(Address, to, room, length), out text);
            GC.KeepAlive(this);
            if (status != 0) throw Call.Error(status);
            return text;
        }

        /// <summary>Tries the way to the collector step by step without sending events; the report is a JSON array of
        /// <c>{"step", "ok", "milliseconds", "error"}</c>.</summary>
        /// <returns>True: every step went well.</returns>
        public bool Check(out string report, TimeSpan? timeout = null)
        {
            uint wait = Milliseconds(timeout, 10);
            int status = Call.Text((to, room, length) => Native.mona_client_check(Address, wait, to, room, length), out report);
            GC.KeepAlive(this);
            return status == 0;
        }

        /// <summary>The oldest delivered record as JSON, null where none is: for tests with the endpoint memory:.</summary>
        public string Take()
        {
            string text;
            int status = Call.Text((to, room, length) => Native.mona_client_take(Address, to, room, length), out text);
            GC.KeepAlive(this);
            return status == 0 ? text : null;
        }

        private bool Finished(int status)
        {
            GC.KeepAlive(this);
            Log.Drain();
            // A time-out is an answer, a closed client has nothing left to wait for.
            if (status == (int)MonaStatus.Timeout || status == (int)MonaStatus.Closed) return false;
            return status == 0 || Refusal.Of((MonaStatus)status, this);
        }

        private static uint Milliseconds(TimeSpan? timeout, int usualSeconds)
        {
            double wanted = (timeout ?? TimeSpan.FromSeconds(usualSeconds)).TotalMilliseconds;
            if (wanted < 0) throw new ArgumentOutOfRangeException("timeout", "a time from 0 on is expected");
            return wanted >= uint.MaxValue ? uint.MaxValue : (uint)Math.Ceiling(wanted);
        }
    }
}
