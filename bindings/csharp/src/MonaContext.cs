using System;

namespace LibMona
{
    /// <summary>
    /// An open context: what is exported in it belongs to one run of an algorithm. It never changes; any number of threads
    /// and tasks may use one, also after it was disposed, which only ends it as the current one.
    /// </summary>
    public sealed class MonaContext : IDisposable
    {
        private readonly MonaClient client;
        private readonly ulong scope;

        /// <summary>The context as a value.</summary>
        public MonaStack Stack { get; private set; }

        internal MonaContext(MonaClient client, MonaStack stack, ulong scope)
        {
            this.client = client;
            this.scope = scope;
            Stack = stack;
        }

        /// <summary>The full id: those of the main context and of the steps, joined by dots.</summary>
        public string Id { get { return Stack.Id; } }

        /// <summary>Sends one event: an object's properties, or a dictionary.</summary>
        /// <returns>True: accepted. False: skipped on purpose (disabled, filtered, sampled out).</returns>
        /// <exception cref="MonaException">It is refused, see <see cref="Mona.ThrowErrors"/>.</exception>
        public bool Export<T>(T fields)
        {
            return client.Send(Stack, fields, null);
        }

        /// <summary>The same with a time: a DateTimeOffset, a DateTime or seconds since 1970.</summary>
        public bool ExportAt<T>(object time, T fields)
        {
            return client.Send(Stack, fields, MonaClient.Seconds(time));
        }

        /// <summary>Sends one event that is a JSON object already.</summary>
        public bool ExportJson(string json)
        {
            return client.SendJson(Stack, json, null);
        }

        /// <summary>Opens a step of this run and makes it the current context until it is disposed.</summary>
        public MonaContext Sub(string arcClass = null, string id = null)
        {
            return client.EnterSub(Stack, arcClass, id, true);
        }

        /// <summary>Opens a step of this run that no other code sees.</summary>
        public MonaContext Start(string arcClass = null, string id = null)
        {
            return client.EnterSub(Stack, arcClass, id, false);
        }

        /// <summary>Leaves the context.</summary>
        public void Dispose()
        {
            if (scope != 0) client.Leave(scope);
        }
    }
}
