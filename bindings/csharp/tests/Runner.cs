using System;
using System.Collections.Generic;
using System.Reflection;
using LibMona;

/// <summary>A test that is not as it should be.</summary>
internal sealed class Unequal : Exception
{
    internal Unequal(string message) : base(message)
    {
    }
}

/// <summary>What tests say.</summary>
internal static class Assert
{
    // Only ends a hang, also on a loaded machine.
    internal static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    internal static void Equal(object wanted, object got)
    {
        if (!object.Equals(wanted, got)) throw new Unequal("expected: " + (wanted ?? "null") + "\n    got:      " + (got ?? "null"));
    }

    internal static void True(bool condition)
    {
        Equal(true, condition);
    }

    internal static void Contains(string part, string text)
    {
        if (text == null || text.IndexOf(part, StringComparison.Ordinal) < 0) throw new Unequal("expected: …" + part + "…\n    got:      " + text);
    }

    internal static MonaException Refused(MonaStatus status, Action call)
    {
        try
        {
            call();
        }
        catch (MonaException error)
        {
            Equal(status, error.Status);
            return error;
        }
        throw new Unequal("expected: MonaException " + status + "\n    got:      none");
    }

    internal static void Throws<E>(Action call) where E : Exception
    {
        try
        {
            call();
        }
        catch (E)
        {
            return;
        }
        throw new Unequal("expected: " + typeof(E).Name + "\n    got:      none");
    }
}

/// <summary>A client with records in memory.</summary>
internal sealed class Memory
{
    internal readonly MonaClient Client;

    internal Memory(MonaOptions options = null)
    {
        options = options ?? new MonaOptions();
        options.Endpoint = "memory:";
        options.FlushIntervalMs = 1;
        options.UserId = "tester";
        Client = new MonaClient(options);
    }

    /// <summary>What it has delivered, as JSON.</summary>
    internal List<string> Records()
    {
        Assert.True(Client.Flush(Assert.Hang));
        List<string> records = new List<string>();
        for (string record = Client.Take(); record != null; record = Client.Take()) records.Add(record);
        return records;
    }

    /// <summary>The messages alone, without those of classes.</summary>
    internal string Messages()
    {
        List<string> messages = new List<string>();
        foreach (string record in Records())
        {
            int from = record.IndexOf("\"message\":", StringComparison.Ordinal) + 10;
            string message = record.Substring(from, record.LastIndexOf(",\"export_timestamp\"", StringComparison.Ordinal) - from);
            if (!message.StartsWith("{\"MONA_ARC_CLASS\"", StringComparison.Ordinal)) messages.Add(message);
        }
        return string.Join(" ", messages);
    }
}

/// <summary>Runs every public static method of the classes that end in Tests, and ends with the counts.</summary>
internal static class Runner
{
    private static int Main()
    {
        int passed = 0, failed = 0;
        foreach (Type type in Assembly.GetExecutingAssembly().GetTypes())
        {
            if (!type.Name.EndsWith("Tests", StringComparison.Ordinal)) continue;
            foreach (MethodInfo test in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            {
                try
                {
                    test.Invoke(null, null);
                    passed++;
                }
                catch (TargetInvocationException problem)
                {
                    failed++;
                    Exception inner = problem.InnerException;
                    Console.WriteLine("FAILED: " + type.Name + "." + test.Name + "\n    "
                        + (inner is Unequal ? inner.Message + "\n" + inner.StackTrace : inner.ToString()));
                }
            }
        }
        Console.WriteLine(passed + " passed, " + failed + " failed, 0 skipped");
        return failed == 0 ? 0 : 1;
    }
}
