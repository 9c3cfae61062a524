using System;
using Microsoft.Win32.SafeHandles;

namespace LibMona
{
    /// <summary>A client in C. The default one is borrowed; the others are freed, which closes them, when nobody has
    /// them any more.</summary>
    internal sealed class ClientHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        internal ClientHandle(IntPtr address, bool owned) : base(owned)
        {
            SetHandle(address);
        }

        protected override bool ReleaseHandle()
        {
            Native.mona_client_free(handle);
            return true;
        }
    }

    /// <summary>A stack in C; the empty one has no handle.</summary>
    internal sealed class StackHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        internal StackHandle(IntPtr address) : base(true)
        {
            SetHandle(address);
        }

        protected override bool ReleaseHandle()
        {
            Native.mona_stack_free(handle);
            return true;
        }
    }

    /// <summary>Options in C.</summary>
    internal sealed class OptionsHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        internal OptionsHandle() : base(true)
        {
            SetHandle(Native.mona_options_new());
        }

        protected override bool ReleaseHandle()
        {
            Native.mona_options_free(handle);
            return true;
        }
    }
}
