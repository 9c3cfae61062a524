using System;

namespace LibMona
{
    /// <summary>
    /// The context of a task as a value: it never changes, each move gives another one together with a status. Any number
    /// of threads may use it. <see cref="MonaClient"/> is made of it; it is for hosts with rules of their own.
    /// </summary>
    public sealed unsafe class MonaStack
    {
        /// <summary>No context is open.</summary>
        public static readonly MonaStack Empty = new MonaStack(IntPtr.Zero);
        /// <summary>A context that was opened while everything was off: it does nothing for its whole life.</summary>
        internal static readonly MonaStack Inert = new MonaStack(IntPtr.Zero);
        /// <summary>The same where the client was closed: what is exported in it is refused for that.</summary>
        internal static readonly MonaStack Closed = new MonaStack(IntPtr.Zero);

        private readonly StackHandle handle;
        // Nobody disposes the handle: whoever keeps this object alive during a call may use the address.
        internal readonly IntPtr Address;

        private MonaStack(IntPtr address)
        {
            Address = address;
            handle = address == IntPtr.Zero ? null : new StackHandle(address);
        }

        private static MonaStack Of(IntPtr address)
        {
            return address == IntPtr.Zero ? Empty : new MonaStack(address);
        }

        /// <summary>Whether nothing is open, and no scope protects.</summary>
        public bool IsEmpty { get { return handle == null; } }

        /// <summary>The full id of the open context, "" where none is.</summary>
        public string Id
        {
            get
            {
                string text;
                Call.Text((buffer, capacity, length) => Native.mona_stack_id(Address, buffer, capacity, length), out text);
                GC.KeepAlive(this);
                return text;
            }
        }

        /// <summary>Enters a main context, until <see cref="Leave"/> of its scope; inside another one it joins.</summary>
        public MonaStatus Enter(MonaClient client, object arcClass, string id, object time, out ulong scope, out MonaStack to)
        {
            return Move(client, arcClass, id, time, true, true, out scope, out to);
        }

        /// <summary>Enters a sub-context.</summary>
        public MonaStatus EnterSub(object arcClass, string id, out ulong scope, out MonaStack to)
        {
            return Move(null, arcClass, id, null, true, false, out scope, out to);
        }

        /// <summary>Opens a main context without a matching leave.</summary>
        public MonaStatus Open(MonaClient client, object arcClass, string id, object time, out MonaStack to)
        {
            ulong scope;
            return Move(client, arcClass, id, time, false, true, out scope, out to);
        }

        /// <summary>Opens a sub-context without a matching leave.</summary>
        public MonaStatus OpenSub(object arcClass, string id, out MonaStack to)
        {
            ulong scope;
            return Move(null, arcClass, id, null, false, false, out scope, out to);
        }

        /// <summary>Closes what an enter opened, and everything that was opened inside it since.</summary>
        public MonaStatus Leave(ulong scope, out MonaStack to)
        {
            IntPtr next = IntPtr.Zero;
            int status = Native.mona_stack_leave(Address, scope, (IntPtr)(&next));
            GC.KeepAlive(this);
            to = Of(next);
            return (MonaStatus)status;
        }

        /// <summary>Closes a sub-context; null: the last one.</summary>
        public MonaStatus CloseSub(string id, out MonaStack to)
        {
            IntPtr next = IntPtr.Zero;
            byte[] bytes = Call.Bytes(id, "id");
            int status;
            fixed (byte* text = bytes)
                status = Native.mona_stack_close_sub(Address, (IntPtr)text, Call.Length(bytes), (IntPtr)(&next));
            GC.KeepAlive(this);
            to = Of(next);
            return (MonaStatus)status;
        }

        /// <summary>Forgets the open context.</summary>
        public MonaStatus Reset(out MonaStack to)
        {
            IntPtr next = IntPtr.Zero;
            int status = Native.mona_stack_reset(Address, (IntPtr)(&next));
            GC.KeepAlive(this);
            to = Of(next);
            return (MonaStatus)status;
        }

        private MonaStatus Move(MonaClient client, object arcClass, string id, object time, bool enters, bool isMain,
            out ulong scope, out MonaStack to)
        {
            ulong given = 0;
            IntPtr next = IntPtr.Zero;
            byte[] bytes = Call.Bytes(id, "id");
            UIntPtr length = Call.Length(bytes);
            FieldBuffer buffer = FieldBuffer.Take(client == null ? MonaClient.UsualDepth : client.MaxDepth);
            int status;
            try
            {
                IntPtr moment = IntPtr.Zero;
                IntPtr name = Argument(buffer, arcClass, time, out moment);
                IntPtr from = Address;
                IntPtr owner = client == null ? IntPtr.Zero : client.Address;
                fixed (byte* text = bytes)
                {
                    IntPtr at = (IntPtr)text;
                    IntPtr scopeAt = (IntPtr)(&given), toAt = (IntPtr)(&next);
                    if (enters && isMain)
                        status = Native.mona_stack_enter(owner, from, name, at, length, moment, scopeAt, toAt);
                    else if (enters)
                        status = Native.mona_stack_enter_sub(from, name, at, length, scopeAt, toAt);
                    else if (isMain)
                        status = Native.mona_stack_open(owner, from, name, at, length, moment, toAt);
                    else
                        status = Native.mona_stack_open_sub(from, name, at, length, toAt);
                }
            }
            finally
            {
                buffer.GiveBack();
            }
            GC.KeepAlive(this);
            GC.KeepAlive(client);
            scope = given;
            to = Of(next);
            return (MonaStatus)status;
        }

        /// <summary>Class and time as fields of a buffer; their addresses, null where they are null.</summary>
        private static IntPtr Argument(FieldBuffer buffer, object arcClass, object time, out IntPtr moment)
        {
            if (arcClass != null) buffer.AddNamed("class", arcClass);
            int first = buffer.Count;
            if (time != null) buffer.AddNamed("timestamp", time);
            IntPtr fields = buffer.Finish();
            moment = time == null ? IntPtr.Zero : (IntPtr)((Field*)fields + first);
            return arcClass == null ? IntPtr.Zero : fields;
        }
    }
}
