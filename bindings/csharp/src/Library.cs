using System;
#if NET5_0_OR_GREATER
using System.Reflection;
using System.Runtime.InteropServices;
#endif

namespace LibMona
{
    /// <summary>The shared library: the file that MONA_LIBRARY names where the runtime lets a program say so, else
    /// libmona of the package or of the system.</summary>
    internal static class Library
    {
        // The binary interface that this package was made for.
        private const uint Abi = 0;
        private static readonly object Lock = new object();
        private static volatile bool isChecked;

        /// <summary>Before the first call of all.</summary>
        internal static void Check()
        {
            if (isChecked) return;
            lock (Lock)
            {
                if (!isChecked) Load();
            }
        }

        private static void Load()
        {
            if (IntPtr.Size != 8) throw new PlatformNotSupportedException("LibMona needs a process of 64 bits");
#if NET5_0_OR_GREATER
            // Once only: a second time is an error.
            if (!isResolved) NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, Resolve);
            isResolved = true;
#endif
            uint found = Native.mona_abi_version();
            if (found != Abi)
                throw new DllNotFoundException("libmona has the binary interface " + found + ", " + Abi + " is expected");
            isChecked = true;
        }

#if NET5_0_OR_GREATER
        private static bool isResolved;

        private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
        {
            string named = Environment.GetEnvironmentVariable("MONA_LIBRARY");
            if (name != Native.Library || string.IsNullOrEmpty(named)) return IntPtr.Zero;
            return NativeLibrary.Load(named);
        }
#endif
    }
}
