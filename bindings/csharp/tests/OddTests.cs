using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using LibMona;

/// <summary>Values, names and programs that are odd.</summary>
internal static class OddTests
{
    public enum Signed
    {
        Minus = -3
    }

    private class Base
    {
        public object Hidden { get { return "base"; } }
    }

    private sealed class Derived : Base
    {
        public new string Hidden { get { return "derived"; } }
    }

    private sealed class Reference
    {
        private int place = 5;

        public ref int Place { get { return ref place; } }
    }

    private sealed unsafe class Pointer
    {
        public int* Place = null;
    }

    private sealed class Throwing
    {
        public int Value { get { throw new InvalidOperationException("of the program"); } }
    }

    private static string Exported<T>(T fields)
    {
        Memory memory = new Memory();
        using (MonaContext run = memory.Client.Context()) run.Export(fields);
        return memory.Messages();
    }

    public static void NumbersInOtherLanguages()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        odd.NumberFormat.NegativeSign = "~";
        odd.NumberFormat.NumberDecimalSeparator = ",";
        Thread.CurrentThread.CurrentCulture = odd;
        try
        {
            Assert.Equal("{\"e\":-3,\"i\":-5,\"d\":-1.5,\"m\":-1.5,\"l\":[-1,-3,-1.5]}",
                Exported(new { e = Signed.Minus, i = -5, d = -1.5, m = -1.5m, l = new object[] { -1, Signed.Minus, -1.5f } }));
            Memory memory = new Memory();
            Assert.Equal(1L, memory.Client.ExportBatch(new[] { new { message = new { a = 1 }, context_id = -1.5 } }));
            Assert.Contains("\"-1.5\"", memory.Records()[0]);
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }

    public static void OddEventsOfABatchLeaveTheOthers()
    {
        object[] odd =
        {
            new Dictionary<string, object> { { "\ud800", 1 }, { "message", new { a = 1 } } },
            new { message = new { a = new MonaJson("{") } },
            new { message = new { a = new MonaJson("0}},{\"message\":{\"b\":{}") } },
            new { message = new Throwing() },
        };
        Memory memory = new Memory();
        foreach (object one in odd)
        {
            MonaException error = null;
            try
            {
                memory.Client.ExportBatch(new[] { one, new { message = new { a = 9 } } });
            }
            catch (MonaException refused)
            {
                error = refused;
            }
            Assert.True(error != null);
        }
        Assert.Equal("{\"a\":1} {\"a\":9} {\"a\":9} {\"a\":9} {\"a\":9}", memory.Messages());
    }

    public static void JsonInsideOfValues()
    {
        string[] good = { " [1, {\"a\" : [] , \"b\":{}}]", "-0.5e+3", "\"\\u00fc\\n\"", "null", "NaN", "-Infinity", "0", "{}", new string('[', 50) + new string(']', 50) };
        foreach (string text in good) Exported(new { list = new object[] { new MonaJson(text) } });
        string[] bad = { "", " ", "[1,]", "{\"a\"}", "{\"a\":1,}", "{1:2}", "01", "1.", "-", "1e", "\"\\x\"", "\"\t\"", "\"\\u12\"", "nul", "1 2", "1],[2", "]", "[", "{\"a\":1]", "\"" };
        foreach (string text in bad)
            Assert.Contains("\"list[0]\"",
                Assert.Refused(MonaStatus.Json, () => Exported(new { list = new object[] { new MonaJson(text) } })).Message);
    }

    private sealed class Token : IEnumerable<Token>
    {
        public IEnumerator<Token> GetEnumerator()
        {
            yield break;
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }
    }

    // A dictionary by its pairs alone.
    private sealed class Counts : IEnumerable<KeyValuePair<string, int>>
    {
        public IEnumerator<KeyValuePair<string, int>> GetEnumerator()
        {
            yield return new KeyValuePair<string, int>("cat", 2);
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }
    }

    public static void TreesAreRefused()
    {
        Assert.Contains("\"list[0]\"", Assert.Refused(MonaStatus.Json, () => Exported(new { list = new[] { new Token() } })).Message);
    }

    public static void DictionariesOfAllTypes()
    {
        Assert.Equal("{\"cat\":2}", Exported(new Counts()));
        Assert.Equal("{\"a\":{\"cat\":2}}", Exported(new { a = new Counts() }));
        IReadOnlyDictionary<int, bool> map = new System.Collections.ObjectModel.ReadOnlyDictionary<int, bool>(new Dictionary<int, bool> { { 1, true } });
        Assert.Equal("{\"a\":{\"1\":true}}", Exported(new { a = map }));
    }

    public static void MembersThatHideOthers()
    {
        Assert.Equal("{\"Hidden\":\"derived\"}", Exported(new Derived()));
        Assert.Equal("{\"a\":{\"Hidden\":\"derived\"}}", Exported(new { a = new Derived() }));
    }

    public static void MembersThatAreNoObjects()
    {
        foreach (object odd in new object[] { new Reference(), new Pointer() })
        {
            Assert.Contains("\"Place\"", Assert.Refused(MonaStatus.Json, () => Exported(odd)).Message);
            Assert.Contains("\"Place\"", Assert.Refused(MonaStatus.Json, () => Exported(new { odd })).Message);
        }
    }

    public static void WhatTheProgramThrowsIsAnAnswerWhereErrorsAre()
    {
        Assert.Throws<InvalidOperationException>(() => Exported(new { a = new Throwing() }));
        Mona.ThrowErrors = false;
        try
        {
            using (MonaContext run = new Memory().Client.Context())
                foreach (object odd in new object[] { new Throwing(), new { a = new Throwing() }, Changing() })
                    Assert.Equal(false, run.Export(odd));
        }
        finally
        {
            Mona.ThrowErrors = true;
        }
    }

    // As a dictionary that another thread changes.
    private static IEnumerable<KeyValuePair<string, object>> Changing()
    {
        yield return new KeyValuePair<string, object>("a", 1);
        throw new InvalidOperationException("Collection was modified");
    }

    public static void TextsThatAreNoUnicodeOutsideOfEvents()
    {
        Assert.Refused(MonaStatus.Utf8, () => new MonaClient(new MonaOptions { UserId = "\ud800" }));
        MonaStack to;
        ulong scope;
        Assert.Refused(MonaStatus.Utf8, () => MonaStack.Empty.Enter(new Memory().Client, null, "\ud800", null, out scope, out to));
    }

    public static void NestingThatIsTooDeepForTheThread()
    {
        object deep = 1;
        for (int n = 0; n < 9000; n++) deep = new[] { deep };
        Memory memory = new Memory(new MonaOptions { MaxDepth = 10000 });
        Exception thrown = null;
        Thread small = new Thread(() =>
        {
            try
            {
                using (MonaContext run = memory.Client.Context()) run.Export(new { deep });
            }
            catch (MonaException error)
            {
                thrown = error;
            }
        }, 1 << 20);
        small.Start();
        small.Join();
        Assert.Contains("stack", thrown == null ? null : thrown.Message);
    }

    public static void AListenerThatExportsDoesNotHearItself()
    {
        MonaClient client = new Memory().Client;
        int lines = 0;
        Action<int, string> listener = (level, line) =>
        {
            Interlocked.Increment(ref lines);
            using (MonaContext run = client.Context()) run.Export(new { odd = DateTime.Now });
        };
        Mona.ThrowErrors = false;
        Mona.LogLine += listener;
        try
        {
            using (MonaContext run = client.Context()) Assert.Equal(false, run.Export(new { odd = DateTime.Now }));
        }
        finally
        {
            Mona.LogLine -= listener;
            Mona.ThrowErrors = true;
        }
        Assert.True(lines > 0 && lines < 100);
    }

    public static void MemoryOfLargeEventsIsGivenBack()
    {
        string large = new string('x', 8 << 20);
        using (MonaContext run = new Memory(new MonaOptions { MaxEventBytes = 1000 }).Client.Context())
        {
            long before = Resident();
            for (int n = 0; n < 100; n++) Assert.Refused(MonaStatus.Limit, () => run.Export(new { large }));
            // A hundred times 24 MiB, of which a third is touched.
            if (before > 0) Assert.True(Resident() - before < 400L << 20);
        }
    }

    // 0 where the system does not tell.
    private static long Resident()
    {
        const string Status = "/proc/self/status";
        if (!System.IO.File.Exists(Status)) return 0;
        foreach (string line in System.IO.File.ReadAllLines(Status))
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal)) return 1024 * long.Parse(line.Substring(6, line.Length - 9), CultureInfo.InvariantCulture);
        return 0;
    }
}
