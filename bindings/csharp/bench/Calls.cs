using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using LibMona;

/// <summary>
/// What a call costs its caller: seven fields in a context of a client with the endpoint null:, interleaved with an empty
/// foreign call of the same kind; CPU time of the thread, the least of several rounds. With an argument: a burst of 200 000 events to
/// MONA_ENDPOINT, and what was lost of it: Calls.exe LABEL [OPTION=VALUE...]
/// </summary>
internal static class Calls
{
    // Long enough for a timer, short enough to catch the machine between two disturbances.
    private const int Rounds = 25;
    private const int PerRound = 20000;
    private const int Burst = 200000;

    [DllImport("mona", CallingConvention = CallingConvention.Cdecl)]
    private static extern uint mona_abi_version();

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        internal long Seconds;
        internal long Nanoseconds;
    }

    // Of Linux: what this thread has had of a processor, whoever else wants one.
    private const int ThreadClock = 3;

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, out Time time);

    private static double Now()
    {
        Time time;
        clock_gettime(ThreadClock, out time);
        return time.Seconds * 1e9 + time.Nanoseconds;
    }

    private static double Nanoseconds(Action<int> subject, int calls)
    {
        double before = Now();
        subject(calls);
        return (Now() - before) / calls;
    }

    private static int Main(string[] arguments)
    {
        if (arguments.Length > 0) return RunBurst(arguments);
        MonaOptions options = new MonaOptions { Endpoint = "null:" };
        MonaClient client = new MonaClient(options);
        MonaContext run = client.Context("ranker");
        List<KeyValuePair<string, Action<int>>> subjects = new List<KeyValuePair<string, Action<int>>>();
        Action<string, Action<int>> add = (name, subject) => subjects.Add(new KeyValuePair<string, Action<int>>(name, subject));
        add("empty call", n => { for (int i = 0; i < n; i++) mona_abi_version(); });
        add("export of an anonymous object", n =>
        {
            for (int i = 0; i < n; i++)
                run.Export(new { score = 0.9731, label = "cat", country = "IL", count = i, ok = true, latency = 12.5, model = "resnet50-v3" });
        });
        add("export into the current context", n =>
        {
            for (int i = 0; i < n; i++)
                client.Export(new { score = 0.9731, label = "cat", country = "IL", count = i, ok = true, latency = 12.5, model = "resnet50-v3" });
        });
        Dictionary<string, object> fields = new Dictionary<string, object>
        {
            { "score", 0.9731 }, { "label", "cat" }, { "country", "IL" }, { "count", 32 }, { "ok", true }, { "latency", 12.5 }, { "model", "resnet50-v3" },
        };
        add("export of a dictionary", n => { for (int i = 0; i < n; i++) run.Export(fields); });
        const string json = "{\"score\":0.9731,\"label\":\"cat\",\"country\":\"IL\",\"count\":32,\"ok\":true,\"latency\":12.5,\"model\":\"resnet50-v3\"}";
        add("export of JSON", n => { for (int i = 0; i < n; i++) run.ExportJson(json); });
        add("context block", n => { for (int i = 0; i < n; i++) client.Sub("step").Dispose(); });
        double[] least = new double[subjects.Count];
        for (int s = 0; s < least.Length; s++)
        {
            subjects[s].Value(PerRound); // compiles
            least[s] = double.MaxValue;
        }
        for (int round = 0; round < Rounds; round++)
            for (int s = 0; s < least.Length; s++) least[s] = Math.Min(least[s], Nanoseconds(subjects[s].Value, PerRound));
        for (int s = 0; s < least.Length; s++) Console.WriteLine("csharp\t" + subjects[s].Key + "\t" + Math.Round(least[s]) + "\tns");
        client.Close();
        return 0;
    }

    private static int RunBurst(string[] arguments)
    {
        MonaOptions options = new MonaOptions();
        for (int n = 1; n < arguments.Length; n++) options[arguments[n].Split('=')[0]] = arguments[n].Split('=')[1];
        MonaClient client = new MonaClient(options);
        double time;
        using (MonaContext run = client.Context("burst"))
            time = Nanoseconds(calls =>
            {
                for (int i = 0; i < calls; i++)
                    run.Export(new { score = 0.9731, label = "cat", country = "IL", count = i, ok = true, latency = 12.5, model = "resnet50-v3" });
            }, Burst);
        client.Close(TimeSpan.FromSeconds(120));
        MonaStats stats = client.Stats;
        Console.WriteLine("csharp\tburst, " + arguments[0] + "\t" + Math.Round(time) + "\tns");
        Console.WriteLine("csharp\tburst, " + arguments[0] + ": lost\t" + (stats.Accepted - stats.Delivered) + "\tevents");
        return 0;
    }
}
