namespace LibMona
{
    /// <summary>What becomes of a call that was refused: an exception, or false where the program asked for that.</summary>
    internal static class Refusal
    {
        internal static volatile bool Throws = true;

        /// <summary>Right after the call: the sentence comes from the thread's last error.</summary>
        internal static bool Of(MonaStatus status, MonaClient client)
        {
            MonaException error = Call.Error((int)status);
            Log.Drain();
            if (Throws) throw error;
            return false;
        }

        internal static bool Of(Unsayable problem, MonaClient client)
        {
            // While disabled nothing is checked.
            if (client.Disabled) return false;
            Log.Drain();
            if (Throws) throw new MonaException(problem.Status, problem.Message);
            Log.Say(Log.Warning, problem.Message);
            return false;
        }

        internal static bool OfEvent(MonaStatus status, MonaClient client, MonaStack from)
        {
            return !(status == MonaStatus.NoContext && from == MonaStack.Inert) && Of(status, client);
        }

        /// <summary>Where no context is open. Asked here: the empty stack in C is the default client's.</summary>
        internal static bool OfNone(MonaClient client, MonaStack from)
        {
            if (from == MonaStack.Inert) return false;
            if (from == MonaStack.Closed)
                return Of(new Unsayable(MonaStatus.Closed, "client: it was closed, an open client is expected"), client);
            return Of(new Unsayable(MonaStatus.NoContext,
                "no context is open here, a block of Context is expected around the call"), client);
        }

        /// <summary>A context that was not opened: what is lost on the way does not stop the program's work.</summary>
        internal static void OfBlock(MonaStatus status, MonaClient client)
        {
            switch (status)
            {
                case MonaStatus.Dropped:
                case MonaStatus.Timeout:
                case MonaStatus.Closed:
                case MonaStatus.Io:
                case MonaStatus.Busy:
                    return;
            }
            Of(status, client);
        }
    }
}
