// Many events in one call, each in a context of its own.
using System;
using System.Linq;
using LibMona;

internal static class BatchExample
{
    private static int Main()
    {
        // What the library has to say, such as why nothing arrives.
        Mona.LogLine += (level, line) => Console.Error.WriteLine(line);
        var events = Enumerable.Range(0, 100).Select(position => new { arc_class = "ranker", message = new { position } });
        long accepted = Mona.ExportBatch(events);
        Console.Error.WriteLine(accepted + " of 100 events accepted");
        return Mona.Close(TimeSpan.FromSeconds(5)) ? 0 : 1;
    }
}
