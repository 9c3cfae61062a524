using System;
using System.Collections;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using System.Threading;

namespace LibMona
{
    /// <summary>
    /// Where events go, with a queue and a sender thread of its own. <see cref="Mona"/> has the methods of the process's
    /// default client. Any thread may use one.
    /// </summary>
    public sealed unsafe partial class MonaClient : IDisposable
    {
        internal const int UsualDepth = 60;

        // Frees the client in C once this object is let go of: methods keep it alive while they use the address.
        internal readonly ClientHandle Handle;
        private readonly AsyncLocal<MonaStack> current = new AsyncLocal<MonaStack>();
        internal readonly IntPtr Address;
        internal readonly int MaxDepth;
        internal readonly int ExitFlushMs;
        private bool isDefault;

        /// <summary>Makes a client with these options, which go before the environment and the config file.</summary>
        /// <exception cref="MonaException">An option is wrong, or no client can be made of them.</exception>
        public MonaClient(MonaOptions options = null) : this(Make(options), false)
        {
        }

        private MonaClient(ClientHandle handle, bool isDefault)
        {
            Handle = handle;
            this.isDefault = isDefault;
            Address = handle.DangerousGetHandle();
            string options = Describe();
            MaxDepth = Number(options, "max_depth", UsualDepth);
            ExitFlushMs = Number(options, "exit_flush_ms", 1000);
            Exit.Watch(this);
        }

        internal static MonaClient FromEnvironment()
        {
            Library.Check();
            IntPtr address = Native.mona_client_default();
            if (address == IntPtr.Zero) throw Call.Error((int)MonaStatus.Argument);
            return new MonaClient(new ClientHandle(address, false), true);
        }

        private static ClientHandle Make(MonaOptions options)
        {
            Library.Check();
            IntPtr address = IntPtr.Zero;
            using (OptionsHandle made = options == null ? null : options.Make())
            {
                int status = Native.mona_client_new(made == null ? IntPtr.Zero : made.DangerousGetHandle(), (IntPtr)(&address));
                if (status != 0) throw Call.Error(status);
            }
            return new ClientHandle(address, true);
        }

        private static int Number(string options, string name, int usual)
        {
            Match match = Regex.Match(options, "\"" + name + "\":\\s*\\{[^}]*?\"value\":\\s*([0-9]+)");
            int number;
            return match.Success && int.TryParse(match.Groups[1].Value, out number) ? number : usual;
        }

        /// <summary>Makes this one the client that <see cref="Mona"/> uses; false where there is one already.</summary>
        internal bool BecomeDefault()
        {
            int status = Native.mona_client_set_default(Address);
            GC.KeepAlive(this);
            if (status != 0 && status != (int)MonaStatus.Exists) throw Call.Error(status);
            return isDefault = status == 0;
        }

        /// <summary>The context of the running code, which tasks and threads inherit.</summary>
        public MonaStack Current
        {
            get { return current.Value ?? MonaStack.Empty; }
            set { current.Value = value; }
        }

        /// <summary>The full id of the current context, "" where none is open.</summary>
        public string Id { get { return Current.Id; } }

        /// <summary>
        /// Opens a context, a run of an algorithm, and makes it the current one until it is disposed.
        /// <code>using (var run = client.Context("ranker")) run.Export(new { score = 0.9 });</code>
        /// Inside an open context it joins that one.
        /// </summary>
        /// <param name="arcClass">The name shared by runs of the same algorithm; null: none is sent.</param>
        /// <param name="id">An id, to continue a run that began elsewhere; null: a new one.</param>
        /// <param name="time">When it began: a DateTimeOffset, a DateTime, seconds since 1970; null: now.</param>
        public MonaContext Context(string arcClass = null, string id = null, object time = null)
        {
            return Enter(Current, arcClass, id, time, true);
        }

        /// <summary>Opens a context that no other code sees, to be handed on like any other argument.</summary>
        public MonaContext Start(string arcClass = null, string id = null, object time = null)
        {
            return Enter(MonaStack.Empty, arcClass, id, time, false);
        }

        /// <summary>Opens a sub-context, a step of the run, inside the current context.</summary>
        public MonaContext Sub(string arcClass = null, string id = null)
        {
            return EnterSub(Current, arcClass, id, true);
        }

        /// <summary>Sends one event from the current context, as <see cref="MonaContext.Export{T}"/>.</summary>
        public bool Export<T>(T fields)
        {
            return Send(Current, fields, null);
        }

        /// <summary>The same with a time.</summary>
        public bool ExportAt<T>(object time, T fields)
        {
            return Send(Current, fields, Seconds(time));
        }

        /// <summary>Sends one event that is a JSON object already.</summary>
        public bool ExportJson(string json)
        {
            return SendJson(Current, json, null);
        }

        private MonaContext Enter(MonaStack from, string arcClass, string id, object time, bool carried)
        {
            ulong scope = 0;
            MonaStack to = from;
            try
            {
                MonaStatus status = from.Enter(this, arcClass, id, Seconds(time), out scope, out to);
                if (status != MonaStatus.Ok) Refusal.OfBlock(status, this);
                if (to.IsEmpty && status == MonaStatus.Ok) to = MonaStack.Inert;
                if (to.IsEmpty && status == MonaStatus.Closed) to = MonaStack.Closed;
            }
            catch (Unsayable problem)
            {
                Refusal.Of(problem, this);
            }
            if (carried) Current = to;
            return new MonaContext(this, to, carried ? scope : 0);
        }

        internal MonaContext EnterSub(MonaStack from, string arcClass, string id, bool carried)
        {
            ulong scope = 0;
            MonaStack to = from;
            try
            {
                // The empty stack in C is the default client's.
                if (from == MonaStack.Inert || from == MonaStack.Closed) to = from;
                else if (from.IsEmpty && !isDefault) Refusal.OfNone(this, from);
                else
                {
                    MonaStatus status = from.EnterSub(arcClass, id, out scope, out to);
                    if (status != MonaStatus.Ok) Refusal.OfBlock(status, this);
                }
            }
            catch (Unsayable problem)
            {
                Refusal.Of(problem, this);
            }
            if (carried) Current = to;
            return new MonaContext(this, to, carried ? scope : 0);
        }

        internal void Leave(ulong scope)
        {
            MonaStack to;
            if (Current.Leave(scope, out to) == MonaStatus.Ok) Current = to;
        }

        internal bool Send<T>(MonaStack from, T fields, object time)
        {
            if (from.IsEmpty && !isDefault) return Refusal.OfNone(this, from);
            FieldBuffer buffer = FieldBuffer.Take(MaxDepth);
            int status, taken = 0;
            try
            {
                Fill(buffer, fields);
                int count = buffer.Count;
                if (time != null) buffer.AddNamed("timestamp", time);
                IntPtr start = buffer.Finish();
                IntPtr moment = time == null ? IntPtr.Zero : (IntPtr)((Field*)start + count);
                status = Native.mona_stack_export_fields(from.Address, start, (UIntPtr)(uint)count, moment, (IntPtr)(&taken));
            }
            catch (Unsayable problem)
            {
                return Refusal.Of(problem, this);
            }
            catch (Exception problem) when (!Refusal.Throws)
            {
                // The program's own getters and collections throw while they are read.
                return Refusal.Of(Unsayable.Of(problem), this);
            }
            finally
            {
                buffer.GiveBack();
            }
            GC.KeepAlive(from);
            GC.KeepAlive(this);
            return status == 0 ? taken != 0 : Refusal.OfEvent((MonaStatus)status, this, from);
        }

        private static void Fill<T>(FieldBuffer buffer, T fields)
        {
            object boxed = typeof(T).IsValueType ? null : (object)fields;
            if (boxed != null && boxed.GetType() == typeof(T) && !(boxed is IEnumerable) && Values.IsObject(typeof(T)))
            {
                Shape<T>.Add(buffer, fields);
                return;
            }
            boxed = boxed ?? fields;
            IEnumerable<KeyValuePair<object, object>> pairs = Values.Pairs(boxed);
            if (pairs != null)
            {
                foreach (KeyValuePair<object, object> pair in pairs)
                    buffer.AddNamed(Values.KeyText(pair.Key, null), pair.Value);
                return;
            }
            if (boxed == null || boxed is IEnumerable || !Values.IsObject(boxed.GetType()))
                throw new Unsayable(MonaStatus.Json,
                    "event: " + Values.Described(boxed) + ", an object with properties or a dictionary is expected");
            Shape.Of(boxed.GetType()).AddBoxed(buffer, boxed);
        }

        internal bool SendJson(MonaStack from, string json, object time)
        {
            if (json == null) throw new ArgumentNullException("json");
            if (from.IsEmpty && !isDefault) return Refusal.OfNone(this, from);
            int status, taken = 0;
            try
            {
                byte[] bytes = Call.Bytes(json, "event");
                fixed (byte* text = bytes)
                    status = Native.mona_stack_export(from.Address, (IntPtr)text, Call.Length(bytes), IntPtr.Zero,
                        (IntPtr)(&taken));
            }
            catch (Unsayable problem)
            {
                return Refusal.Of(problem, this);
            }
            GC.KeepAlive(from);
            GC.KeepAlive(this);
            return status == 0 ? taken != 0 : Refusal.OfEvent((MonaStatus)status, this, from);
        }

        // Of the core's times: seconds since 1970; anything else is sent as it is and reported in the record.
        internal static object Seconds(object time)
        {
            if (time is DateTimeOffset) return Seconds(((DateTimeOffset)time).UtcTicks);
            if (time is DateTime) return Seconds(((DateTime)time).ToUniversalTime().Ticks);
            if (Values.Sort(time) != ValueSort.Other || time is IEnumerable || time is decimal || time is MonaJson) return time;
            return time.ToString();
        }

        private static double Seconds(long ticks)
        {
            return (ticks - EpochTicks) / (double)TimeSpan.TicksPerSecond;
        }

        // Of 1970 in the count of .NET.
        private const long EpochTicks = 621355968000000000;
    }
}
