using System;

namespace LibMona
{
    /// <summary>A call that was refused. The message says what was found and what is expected; for a value that
    /// cannot be sent it names the field.</summary>
    public class MonaException : Exception
    {
        /// <summary>Which kind of refusal it is.</summary>
        public MonaStatus Status { get; private set; }

        internal MonaException(MonaStatus status, string message) : base(message)
        {
            Status = status;
        }
    }

    /// <summary>Inside: a value that cannot be said; becomes a <see cref="MonaException"/> or an answer, or goes out as the
    /// one that it is.</summary>
    internal sealed class Unsayable : MonaException
    {
        internal Unsayable(MonaStatus status, string message) : base(status, message)
        {
        }

        /// <summary>Of what the program's own code threw while it was read.</summary>
        internal static Unsayable Of(Exception problem)
        {
            return problem as Unsayable
                ?? new Unsayable(MonaStatus.Json, "event: " + problem.GetType().Name + " while it was read, " + problem.Message);
        }
    }
}
