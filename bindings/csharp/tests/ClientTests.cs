using System;
using System.Collections.Generic;
using System.Linq;
using LibMona;

internal static class ClientTests
{
    public static void Batches()
    {
        Memory memory = new Memory();
        object[] events = { new { message = new { a = 1 }, arc_class = "x", context_id = "one" }, new Dictionary<string, object> { { "message", new { a = 2 } }, { "export_timestamp", 5 } } };
        Assert.Equal(2L, memory.Client.ExportBatch(events));
        Assert.Equal("{\"a\":1} {\"a\":2}", memory.Messages());
        Assert.Equal(0L, memory.Client.ExportBatch(new object[0]));
        Assert.Throws<ArgumentNullException>(() => memory.Client.ExportBatch(null));
    }

    public static void BadEventsOfABatchLeaveTheOthers()
    {
        Memory memory = new Memory();
        object[] events = { new { message = new { a = DateTime.Now } }, new { arc_class = "x" }, 5, null, new { message = new { a = 2 } }, new { message = new { a = 3 }, context_id = 7 } };
        Assert.Refused(MonaStatus.Json, () => memory.Client.ExportBatch(events));
        Assert.Equal("{\"a\":2} {\"a\":3}", memory.Messages());
        Assert.Contains("event 0", Assert.Refused(MonaStatus.Json, () => memory.Client.ExportBatch(events.Take(1))).Message);
    }

    public static void Globals()
    {
        Memory memory = new Memory();
        memory.Client.SetGlobals(new { version = 3 });
        memory.Client.Context(null, "a").Dispose();
        memory.Client.SetGlobals(null);
        memory.Client.Context(null, "b").Dispose();
        Assert.Equal("{\"MONA_GLOBALS\":{\"version\":3}}", memory.Messages());
        Assert.Contains("globals.a", Assert.Refused(MonaStatus.Json, () => memory.Client.SetGlobals(new { a = DateTime.Now })).Message);
        Assert.Refused(MonaStatus.Json, () => memory.Client.SetGlobals(5));
    }

    public static void Disabled()
    {
        Memory memory = new Memory();
        memory.Client.Disabled = true;
        Assert.True(memory.Client.Disabled);
        using (MonaContext run = memory.Client.Context("a"))
        {
            Assert.Equal(false, run.Export(new { a = 1 }));
            Assert.Equal(false, run.Export(new { a = DateTime.Now })); // nothing is checked
            Assert.Equal("", run.Id);
            memory.Client.Disabled = false;
            Assert.Equal(false, run.Export(new { a = 1 })); // for its whole life
            using (MonaContext step = run.Sub("b")) Assert.Equal(false, step.Export(new { a = 1 }));
        }
        using (MonaContext run = memory.Client.Context()) Assert.True(run.Export(new { a = 1 }));
        Assert.Equal("{\"a\":1}", memory.Messages());
    }

    public static void CloseAndAfter()
    {
        MonaClient client = new Memory().Client;
        MonaContext run = client.Start("a");
        Assert.True(client.Close());
        Assert.True(client.Close());
        client.Dispose();
        Assert.Refused(MonaStatus.Closed, () => run.Export(new { a = 1 }));
        client.Context("b").Dispose(); // a closed client does not stop the program's work
        Assert.Refused(MonaStatus.Closed, () => client.ExportBatch(new[] { new { message = new { a = 1 } } }));
        using (MonaContext late = client.Context("b"))
        {
            client.Sub("step").Dispose(); // it does not stop the program's work
            Assert.Refused(MonaStatus.Closed, () => late.Export(new { a = 1 }));
        }
        client.Flush(TimeSpan.Zero);
        Assert.Contains("endpoint", client.Describe());
        Assert.True(client.Stats.Refused > 0);
        while (client.Take() != null)
        {
        }
    }

    public static void StatsDescribeCheck()
    {
        MonaClient client = new Memory().Client;
        using (MonaContext run = client.Context("a")) run.Export(new { b = 1 });
        Assert.True(client.Flush());
        Assert.Equal(2L, client.Stats.Delivered);
        Assert.Equal(0L, client.Stats.Lost);
        foreach (string name in MonaStats.Names) Assert.Contains("\"" + name + "\"", client.Stats.Json);
        string report;
        client.Check(out report);
        Assert.Equal('[', report[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => client.Flush(TimeSpan.FromSeconds(-1)));
    }

    public static void Options()
    {
        Assert.Contains("queue_size", Assert.Refused(MonaStatus.Argument, () => new MonaClient(new MonaOptions { QueueSize = -1 })).Message);
        MonaOptions odd = new MonaOptions();
        odd["no_such"] = "1";
        Assert.Contains("no_such", Assert.Refused(MonaStatus.Argument, () => new MonaClient(odd)).Message);
        Memory memory = new Memory(new MonaOptions { DropFields = "x,y", SampleRate = 1.0, DisableAll = false });
        using (MonaContext run = memory.Client.Context()) run.Export(new { x = 1, z = 2 });
        Assert.Equal("{\"z\":2}", memory.Messages());
    }

    public static void ErrorsCanBeAnswers()
    {
        Mona.ThrowErrors = false;
        try
        {
            MonaClient client = new Memory().Client;
            Assert.Equal(false, client.Export(new { a = 1 }));
            using (MonaContext run = client.Context()) Assert.Equal(false, run.Export(new { a = DateTime.Now }));
            client.Sub("step").Dispose();
        }
        finally
        {
            Mona.ThrowErrors = true;
        }
    }

    public static void TheDefaultClient()
    {
        Assert.True(Mona.Flush() && Mona.Close()); // none yet
        Assert.True(Mona.Init(new MonaOptions { Endpoint = "memory:", FlushIntervalMs = 1, UserId = "first" }));
        Assert.Equal(false, Mona.Init(new MonaOptions { UserId = "second" }));
        using (MonaContext run = Mona.Context("a", "run"))
        {
            Assert.True(run.Export(new { a = 1 }) && Mona.ExportAt(5, new { b = 1 }) && Mona.ExportJson("{\"c\": 1}"));
            using (Mona.Sub("s", "step")) Assert.Equal("run.step", Mona.Id);
        }
        Assert.Equal(1L, Mona.ExportBatch(new[] { new { message = new { d = 1 } } }));
        Assert.Refused(MonaStatus.NoContext, () => Mona.Export(new { e = 1 }));
        Assert.True(Mona.Flush(Assert.Hang));
        Assert.Contains("first", Mona.Take());
        Assert.Equal(6L, Mona.Stats.Accepted);
    }

    public static void LogsGoToAListener()
    {
        List<string> lines = new List<string>();
        Action<int, string> listener = (level, line) =>
        {
            lock (lines) lines.Add(level + " " + line);
            throw new InvalidOperationException("a bad listener");
        };
        Mona.LogLine += listener;
        try
        {
            // A file that is not there is a warning.
            new Memory(new MonaOptions { ConfigFile = "/nonexistent/mona.json" }).Client.Flush();
            DateTime end = DateTime.UtcNow + Assert.Hang;
            while (DateTime.UtcNow < end)
            {
                lock (lines) if (lines.Exists(line => line.StartsWith("30 ", StringComparison.Ordinal))) return;
                System.Threading.Thread.Sleep(10);
            }
            throw new Unequal("no line came");
        }
        finally
        {
            Mona.LogLine -= listener;
        }
    }

    public static void ClientsThatAreLetGo()
    {
        for (int n = 0; n < 50; n++)
            using (MonaContext run = new Memory().Client.Context("a")) run.Export(new { b = 1 });
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.True(new Memory().Client.Flush());
    }
}
