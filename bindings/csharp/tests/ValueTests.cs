using System;
using System.Collections;
using System.Collections.Generic;
using LibMona;

internal static class ValueTests
{
    private enum Colour { Red = 3 }

    private struct Point
    {
        public int X;
        public int Y { get; set; }
    }

    private class Animal
    {
        public string Name { get; set; }
        public string this[int index] { get { return "not read"; } }
        public static int Legs { get { return 4; } }
        public int Hidden { private get; set; }
    }

    private sealed class Cat : Animal
    {
        public int Lives = 9;
    }

    private sealed class Nosy
    {
        public int First { get { return 1; } }
        public int Second
        {
            get
            {
                Inside.Client.Start().Export(new { inside = true });
                return 2;
            }
        }
        internal static Memory Inside;
    }

    private static string Exported<T>(T fields, MonaOptions options = null)
    {
        Memory memory = new Memory(options);
        using (MonaContext run = memory.Client.Context()) Assert.True(run.Export(fields));
        return memory.Messages();
    }

    private static MonaException Refused<T>(MonaStatus status, T fields)
    {
        Memory memory = new Memory();
        using (MonaContext run = memory.Client.Context())
        {
            MonaException error = Assert.Refused(status, () => run.Export(fields));
            run.Export(new { after = 1 });
            Assert.Equal("{\"after\":1}", memory.Messages());
            return error;
        }
    }

    public static void AnonymousObjects()
    {
        Assert.Equal("{\"score\":0.9,\"label\":\"cat\",\"n\":3,\"ok\":true,\"none\":null}",
            Exported(new { score = 0.9, label = "cat", n = 3, ok = true, none = (string)null }));
    }

    public static void AllKindsOfNumbers()
    {
        Assert.Equal("{\"a\":-128,\"b\":255,\"c\":-32768,\"d\":65535,\"e\":4294967295,\"f\":-9223372036854775808,\"g\":18446744073709551615}",
            Exported(new { a = sbyte.MinValue, b = byte.MaxValue, c = short.MinValue, d = ushort.MaxValue, e = uint.MaxValue, f = long.MinValue, g = ulong.MaxValue }));
        Assert.Equal("{\"a\":0.5,\"b\":1.25,\"c\":3,\"d\":null,\"e\":null}",
            Exported(new { a = 0.5f, b = 1.25m, c = Colour.Red, d = double.NaN, e = float.NegativeInfinity }));
    }

    public static void FloatsByTheirShortestText()
    {
        float third = 1f / 3;
        object boxed = 0.97f;
        float? some = 1.1f;
        Assert.Equal("{\"a\":0.97,\"b\":0.33333334,\"boxed\":0.97,\"some\":1.1,\"list\":[0.97,16777216.0],\"none\":null}",
            Exported(new { a = 0.97f, b = third, boxed, some, list = new[] { 0.97f, 16777216f }, none = float.NaN }));
    }

    public static void NullableValues()
    {
        int? none = null;
        double? some = 0.5;
        Assert.Equal("{\"none\":null,\"some\":0.5}", Exported(new { none, some }));
    }

    public static void Texts()
    {
        Assert.Equal("{\"a\":\"ü日\",\"b\":\"\",\"c\":\"x\"}", Exported(new { a = "ü日", b = "", c = 'x' }));
        Assert.Equal("{\"a\":\"x\\u0000y\"}", Exported(new { a = "x\0y" }));
        Assert.Equal("{\"a\":[\"\\\"\\\\\\n\\u0001ü\"]}", Exported(new { a = new[] { "\"\\\n\u0001ü" } }));
        Assert.Equal("{\"a\":\"😀\"}", Exported(new { a = "\ud83d\ude00" }));
    }

    public static void NestedValues()
    {
        Assert.Equal("{\"list\":[1,[2.5,null],{\"a\":[]}],\"map\":{\"b\":{\"c\":true}},\"whole\":[2.0]}",
            Exported(new { list = new object[] { 1, new object[] { 2.5, null }, new { a = new int[0] } }, map = new Dictionary<string, object> { { "b", new { c = true } } }, whole = new[] { 2.0 } }));
        Assert.Equal("{\"json\":{\"a\":[1]},\"set\":[1,2]}", Exported(new { json = new MonaJson("{\"a\": [1]}"), set = new HashSet<int> { 1, 2 } }));
    }

    public static void Dictionaries()
    {
        Assert.Equal("{\"a\":1,\"b\":\"x\"}", Exported(new Dictionary<string, object> { { "a", 1 }, { "b", "x" } }));
        Assert.Equal("{\"1\":2.5}", Exported(new Dictionary<int, double> { { 1, 2.5 } }));
        Assert.Equal("{\"a\":1}", Exported(new Hashtable { { "a", 1 } }));
        Assert.Equal("{\"a\":1}", Exported((IDictionary<string, object>)new System.Dynamic.ExpandoObject().With("a", 1)));
        Assert.Equal("{\"null\":1,\"true\":2,\"2.5\":3}", Exported(new List<KeyValuePair<object, object>>
            { new KeyValuePair<object, object>(null, 1), new KeyValuePair<object, object>(true, 2), new KeyValuePair<object, object>(2.5, 3) }));
    }

    private static System.Dynamic.ExpandoObject With(this System.Dynamic.ExpandoObject to, string name, object value)
    {
        ((IDictionary<string, object>)to)[name] = value;
        return to;
    }

    public static void ObjectsOfTheProgram()
    {
        Assert.Equal("{\"Y\":2,\"X\":1}", Exported(new Point { X = 1, Y = 2 }));
        Assert.Equal("{\"Name\":\"Tom\"}", Exported(new Animal { Name = "Tom" }));
        Animal animal = new Cat { Name = "Tom" };
        Assert.Equal("{\"Name\":\"Tom\",\"Lives\":9}", Exported(animal));
        Assert.Equal("{\"Name\":\"Tom\",\"Lives\":9}", Exported<object>(animal));
        Assert.Equal("{\"cat\":{\"Name\":\"Tom\",\"Lives\":9}}", Exported(new { cat = animal }));
    }

    public static void AGetterThatExports()
    {
        Nosy.Inside = new Memory();
        Assert.Equal("{\"First\":1,\"Second\":2}", Exported(new Nosy()));
        Assert.Equal("{\"inside\":true}", Nosy.Inside.Messages());
    }

    public static void AGetterThatThrows()
    {
        Memory memory = new Memory();
        using (MonaContext run = memory.Client.Context())
        {
            Assert.Throws<InvalidOperationException>(() => run.Export(new Throwing()));
            Assert.True(run.Export(new { after = 1 }));
        }
        Assert.Equal("{\"after\":1}", memory.Messages());
    }

    private sealed class Throwing
    {
        public int Value { get { throw new InvalidOperationException(); } }
    }

    public static void WhatCannotBeSaidIsRefusedByItsField()
    {
        foreach (object odd in new object[] { DateTime.Now, TimeSpan.Zero, Guid.Empty, new object(), Tuple.Create(1), new byte[1], (Action)AnonymousObjects, typeof(int) })
        {
            Assert.Contains("\"odd\"", Refused(MonaStatus.Json, new { fine = 1, odd }).Message);
            Assert.Contains("\"list[1].deep\"", Refused(MonaStatus.Json, new { list = new object[] { 1, new { deep = odd } } }).Message);
        }
        Assert.Contains("\"when\"", Refused(MonaStatus.Json, new { when = DateTime.Now }).Message);
    }

    public static void HalvesOfSurrogatePairsAreRefused()
    {
        Assert.Contains("\"bad\"", Refused(MonaStatus.Utf8, new { bad = "x\ud800" }).Message);
        Assert.Contains("\"list[0]\"", Refused(MonaStatus.Utf8, new { list = new[] { "\udc00" } }).Message);
        Refused(MonaStatus.Utf8, new Dictionary<string, object> { { "\ud800", 1 } });
    }

    public static void WhatIsNoObjectIsRefused()
    {
        Refused<object>(MonaStatus.Json, null);
        Refused(MonaStatus.Json, 5);
        Refused(MonaStatus.Json, "text");
        Refused(MonaStatus.Json, new[] { 1 });
        Refused(MonaStatus.Json, DateTime.Now);
        Refused(MonaStatus.Json, new Dictionary<object, object> { { new object(), 1 } });
    }

    public static void CyclesAndDepth()
    {
        List<object> cycle = new List<object>();
        cycle.Add(cycle);
        Assert.Contains("max_depth", Refused(MonaStatus.Limit, new { cycle }).Message);
        Assert.Equal("{\"a\":[[1]]}", Exported(new { a = new[] { new[] { 1 } } }, new MonaOptions { MaxDepth = 3 }));
        Assert.Refused(MonaStatus.Limit, () => Exported(new { a = new[] { new[] { 1 } } }, new MonaOptions { MaxDepth = 2 }));
    }

    public static void LargeEvents()
    {
        string text = new string('x', 200000);
        Assert.Equal("{\"a\":\"" + text + "\"}", Exported(new { a = text }));
        Assert.Refused(MonaStatus.Limit, () => Exported(new { a = text }, new MonaOptions { MaxEventBytes = 1000 }));
        Dictionary<string, object> many = new Dictionary<string, object>();
        for (int n = 0; n < 500; n++) many["field-" + n] = n;
        Assert.Contains("\"field-499\":499", Exported(many));
    }

    public static void Json()
    {
        Memory memory = new Memory();
        using (MonaContext run = memory.Client.Context())
        {
            Assert.True(run.ExportJson("{\"a\": 1}"));
            Assert.True(memory.Client.ExportJson("{\"b\": \"ü\"}"));
            Assert.Refused(MonaStatus.Json, () => run.ExportJson("{"));
            Assert.Refused(MonaStatus.Utf8, () => run.ExportJson("{\"a\": \"\ud800\"}"));
            Assert.Throws<ArgumentNullException>(() => run.ExportJson(null));
        }
        Assert.Equal("{\"a\":1} {\"b\":\"ü\"}", memory.Messages());
    }

    public static void Times()
    {
        Memory memory = new Memory();
        using (MonaContext run = memory.Client.Context())
        {
            run.ExportAt(DateTimeOffset.FromUnixTimeSeconds(1552903200).AddMilliseconds(999), new { a = 1 });
            run.ExportAt(new DateTime(2019, 3, 18, 10, 0, 0, DateTimeKind.Utc), new { a = 2 });
            run.ExportAt(1552903200, new { a = 3 });
            run.ExportAt("soon", new { a = 4 });
        }
        List<string> records = memory.Records();
        for (int n = 0; n < 3; n++) Assert.Contains("\"export_timestamp\":1552903200", records[n]);
        Assert.Contains("\"MONA_INVALID_EXPORT_TIMESTAMP\":\"soon\"", records[3]);
    }
}
