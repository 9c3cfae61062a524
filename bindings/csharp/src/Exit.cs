using System;
using System.Collections.Generic;

namespace LibMona
{
    /// <summary>Ends of the process: waits for what is queued, for each client's exit_flush_ms.</summary>
    internal static class Exit
    {
        private static readonly List<WeakReference> Clients = new List<WeakReference>();
        private static bool isWatched;

        internal static void Watch(MonaClient client)
        {
            lock (Clients)
            {
                Clients.RemoveAll(one => !one.IsAlive);
                Clients.Add(new WeakReference(client));
                if (isWatched) return;
                isWatched = true;
            }
            AppDomain.CurrentDomain.ProcessExit += (sender, arguments) => Flush();
            // A runtime ends by a signal of its own then.
            AppDomain.CurrentDomain.UnhandledException += (sender, arguments) => Flush();
        }

        internal static void Flush()
        {
            WeakReference[] all;
            lock (Clients) all = Clients.ToArray();
            foreach (WeakReference one in all)
            {
                MonaClient client = one.Target as MonaClient;
                if (client != null) Native.mona_client_flush(client.Address, (uint)client.ExitFlushMs);
                GC.KeepAlive(client);
            }
            Log.Drain();
        }
    }
}
