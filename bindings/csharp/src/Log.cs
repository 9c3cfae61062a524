using System;
using System.Threading;

namespace LibMona
{
    /// <summary>
    /// Lines of the library's log for a delegate of the program. They are taken by a thread of this package and at calls that
    /// are refused, flush or close; the library never calls into the program.
    /// </summary>
    internal static unsafe class Log
    {
        internal const int Warning = 30;
        // A line is seldom urgent; this wakes the process four times a second at most, and only with a listener.
        private const int PeriodMs = 250;

        private static readonly object Lock = new object();
        private static Action<int, string> listeners;
        private static bool isRunning;
        // A listener that exports, and is refused, would have that to hear, without an end.
        [ThreadStatic] private static bool isTelling;

        internal static void Add(Action<int, string> listener)
        {
            Library.Check();
            lock (Lock)
            {
                listeners += listener;
                if (isRunning) return;
                isRunning = true;
            }
            new Thread(Run) { IsBackground = true, Name = "mona-log" }.Start();
        }

        internal static void Remove(Action<int, string> listener)
        {
            lock (Lock) listeners -= listener;
        }

        internal static void Say(int level, string line)
        {
            Action<int, string> told = listeners;
            if (told == null || isTelling) return;
            isTelling = true;
            try
            {
                told(level, line);
            }
            catch (Exception)
            {
                // A listener that fails is not the exporter's fault.
            }
            finally
            {
                isTelling = false;
            }
        }

        internal static void Drain()
        {
            while (listeners != null && !isTelling)
            {
                int level = 0;
                string line;
                int* place = &level;
                int status = Call.Text((to, room, length) => Native.mona_log_take((IntPtr)place, to, room, length), out line);
                if (status != 0) return;
                Say(level, line);
            }
        }

        private static void Run()
        {
            while (true)
            {
                lock (Lock)
                {
                    if (listeners == null)
                    {
                        isRunning = false;
                        return;
                    }
                }
                Drain();
                Thread.Sleep(PeriodMs);
            }
        }
    }
}
