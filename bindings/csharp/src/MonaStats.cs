using System.Globalization;
using System.Text.RegularExpressions;

namespace LibMona
{
    public sealed partial class MonaStats
    {
        /// <summary>The counters as one JSON object, for logs.</summary>
        public string Json { get; private set; }

        internal MonaStats(string json)
        {
            Json = json;
            foreach (Match match in Regex.Matches(json, "\"([a-z_]+)\":\\s*([0-9]+)"))
                Set(match.Groups[1].Value, long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        }

        /// <summary>Events that were accepted and will not be delivered.</summary>
        public long Lost
        {
            get { return DroppedQueueFull + DroppedTooBig + DroppedRejected + DroppedSpool + DroppedClosed; }
        }
    }
}
