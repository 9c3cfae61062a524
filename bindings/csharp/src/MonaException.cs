using System;

namespace LibMona
{
    /// <summary>A call that was refused. The message says what was found and what is expected; for a value that
    /// cannot be sent it names the field.</summary>
    public sealed class MonaException : Exception
    {
        /// <summary>Which kind of refusal it is.</summary>
        public MonaStatus Status { get; private set; }

        internal MonaException(MonaStatus status, string message) : base(message)
        {
            Status = status;
        }
    }

    /// <summary>Inside: a value that cannot be said; becomes a <see cref="MonaException"/> or an answer.</summary>
    internal sealed class Unsayable : Exception
    {
        internal readonly MonaStatus Status;

        internal Unsayable(MonaStatus status, string message) : base(message)
        {
            Status = status;
        }
    }
}
