using System;
using System.Collections;

namespace LibMona
{
    /// <summary>
    /// Monitoring of algorithms with Mona: open a context for each run, export fields from anywhere inside it.
    /// <code>using (var run = Mona.Context("ranker")) run.Export(new { score = 0.9 });</code>
    /// The methods are those of the process's default client, which is made from the environment at the first call that
    /// needs it, or by <see cref="Init"/> with options.
    /// </summary>
    public static partial class Mona
    {
        private static readonly object Lock = new object();
        private static volatile MonaClient client;

        /// <summary>The default client.</summary>
        /// <exception cref="MonaException">The environment has options it cannot be made with.</exception>
        public static MonaClient Client
        {
            get
            {
                if (client != null) return client;
                lock (Lock) return client ?? (client = MonaClient.FromEnvironment());
            }
        }

        /// <summary>Starts the default client with options.</summary>
        /// <returns>False: there is one already, and it stays.</returns>
        public static bool Init(MonaOptions options)
        {
            lock (Lock)
            {
                if (client != null) return false;
                MonaClient made = new MonaClient(options);
                if (made.BecomeDefault())
                {
                    client = made;
                    return true;
                }
                made.Close(TimeSpan.Zero);
                return false;
            }
        }

        /// <summary>Whether a call that is refused throws its <see cref="MonaException"/>, as at the start; else it answers
        /// false and the log has the reason. For the whole process.</summary>
        public static bool ThrowErrors
        {
            get { return Refusal.Throws; }
            set { Refusal.Throws = value; }
        }

        /// <summary>Lines of the library's log: 10 debug, 20 info, 30 warnings, 40 errors, and the line. Called by a thread
        /// of this package, or by one that calls it.</summary>
        public static event Action<int, string> LogLine
        {
            add { Log.Add(value); }
            remove { Log.Remove(value); }
        }

        /// <summary>Sets the least important line that is logged, 0 to 50.</summary>
        public static void SetLogLevel(int level)
        {
            Library.Check();
            int status = Native.mona_log_set_level(level);
            if (status != 0) throw Call.Error(status);
        }

        /// <summary><see cref="MonaClient.Context"/></summary>
        public static MonaContext Context(string arcClass = null, string id = null, object time = null)
        {
            return Client.Context(arcClass, id, time);
        }

        /// <summary><see cref="MonaClient.Start"/></summary>
        public static MonaContext Start(string arcClass = null, string id = null, object time = null)
        {
            return Client.Start(arcClass, id, time);
        }

        /// <summary><see cref="MonaClient.Sub"/></summary>
        public static MonaContext Sub(string arcClass = null, string id = null)
        {
            return Client.Sub(arcClass, id);
        }

        /// <summary><see cref="MonaContext.Export{T}"/> from the current context.</summary>
        public static bool Export<T>(T fields)
        {
            return Client.Export(fields);
        }

        /// <summary><see cref="MonaContext.ExportAt{T}"/> from the current context.</summary>
        public static bool ExportAt<T>(object time, T fields)
        {
            return Client.ExportAt(time, fields);
        }

        /// <summary><see cref="MonaContext.ExportJson"/> from the current context.</summary>
        public static bool ExportJson(string json)
        {
            return Client.ExportJson(json);
        }

        /// <summary><see cref="MonaClient.ExportBatch"/></summary>
        public static long ExportBatch(IEnumerable events)
        {
            return Client.ExportBatch(events);
        }

        /// <summary><see cref="MonaClient.SetGlobals"/></summary>
        public static bool SetGlobals(object fields)
        {
            return Client.SetGlobals(fields);
        }

        /// <summary><see cref="MonaClient.Disabled"/></summary>
        public static bool Disabled
        {
            get { return Client.Disabled; }
            set { Client.Disabled = value; }
        }

        /// <summary><see cref="MonaClient.Id"/></summary>
        public static string Id { get { return Client.Id; } }

        /// <summary><see cref="MonaClient.Flush"/>. Does nothing where no client was started.</summary>
        public static bool Flush(TimeSpan? timeout = null)
        {
            return client == null || client.Flush(timeout);
        }

        /// <summary><see cref="MonaClient.Close"/>. Does nothing where no client was started.</summary>
        public static bool Close(TimeSpan? timeout = null)
        {
            return client == null || client.Close(timeout);
        }

        /// <summary><see cref="MonaClient.Stats"/></summary>
        public static MonaStats Stats { get { return Client.Stats; } }

        /// <summary><see cref="MonaClient.Describe"/></summary>
        public static string Describe()
        {
            return Client.Describe();
        }

        /// <summary><see cref="MonaClient.Check"/></summary>
        public static bool Check(out string report, TimeSpan? timeout = null)
        {
            return Client.Check(out report, timeout);
        }

        /// <summary><see cref="MonaClient.Take"/></summary>
        public static string Take()
        {
            return Client.Take();
        }
    }
}
