using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using LibMona;

/// <summary>
/// Plays one conformance scenario and prints what it gave as JSON: Player.exe SCENARIOS.json ID. The scenarios have the
/// older client's rules, which are those of MonaStack. Nothing is judged here.
/// </summary>
internal static class Player
{
    // The rule is 3 s; the rest is for a loaded machine.
    private const int ReloadS = 20;
    // Only ends a hang.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    // What C# has that JSON has no words for.
    private static readonly Dictionary<string, object> Odd = new Dictionary<string, object>
    {
        { "set", new StringBuilder("{1}") }, { "bytes", new byte[] { 120 } }, { "datetime", new StringBuilder("2020-01-01 00:00:00") },
        { "object", new object() }, { "complex", new StringBuilder("1j") }, { "decimal", Guid.Empty }, { "mapping", Tuple.Create(1) },
    };

    private static readonly Dictionary<string, Worker> Workers = new Dictionary<string, Worker>();
    private static readonly Dictionary<string, ulong> Scopes = new Dictionary<string, ulong>();
    private static MonaClient client;

    private static MonaClient Client { get { return client ?? (client = Mona.Client); } }

    private static int Main(string[] arguments)
    {
        JsonObject scenario = null;
        foreach (object one in (List<object>)((JsonObject)JsonReader.Read(File.ReadAllText(arguments[0])))["scenarios"])
            if (((JsonObject)one).Text("id") == arguments[1]) scenario = (JsonObject)one;
        long started = Now();
        List<object> results = new List<object>();
        foreach (object op in (List<object>)scenario["ops"]) results.Add(Perform((JsonObject)op));
        foreach (Worker worker in Workers.Values) worker.End();
        Client.Flush(Hang);
        List<object> records = new List<object>();
        for (string record = Client.Take(); record != null; record = Client.Take()) records.Add(record);
        JsonObject stats = (JsonObject)JsonReader.Read(Client.Stats.Json);
        JsonObject seen = new JsonObject().With("implementation", "csharp").With("results", results).With("records", records)
            .With("stats", stats).With("started", started).With("ended", Now());
        StringBuilder text = new StringBuilder();
        JsonText.Write(text, seen);
        Console.Out.WriteLine(text);
        return 0;
    }

    private static long Now()
    {
        return DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    }

    private static long Accepted()
    {
        return client == null ? 0 : client.Stats.Accepted;
    }

    private static JsonObject Perform(JsonObject op)
    {
        long before = Accepted();
        Func<JsonObject> job = () =>
        {
            try
            {
                return new JsonObject().With("ok", Run(op));
            }
            catch (MonaException error)
            {
                return new JsonObject().With("err", error.Status.ToString()).With("detail", error.Message);
            }
            catch (Failed error)
            {
                return new JsonObject().With("err", error.Message);
            }
        };
        Worker worker = null;
        if (op.Has("thread")) Workers.TryGetValue(op.Text("thread"), out worker);
        JsonObject seen = worker == null ? job() : worker.Do(job);
        return seen.With("emits", Accepted() - before);
    }

    private static object Argument(JsonObject op, string name)
    {
        return op.Has(name) ? op[name] : null;
    }

    private static object Run(JsonObject op)
    {
        MonaStack to;
        ulong scope;
        switch (op.Text("op"))
        {
            case "init_client": return InitClient((JsonObject)op["params"]);
            case "init":
                Moved(Client.Current.Open(Client, Value(Argument(op, "arc_class")), Id(Argument(op, "context_id")), Time(op), out to), to);
                return Client.Id;
            case "init_sub_context":
                return SubId(op, Moved(Client.Current.OpenSub(Value(Argument(op, "arc_class")), Id(Argument(op, "sub_context_id")), out to), to));
            case "close_sub_context":
                Moved(Client.Current.CloseSub(Id(Argument(op, "sub_context_id")), out to), to);
                return Client.Id;
            case "new_context_enter":
                MonaStatus entered = Client.Current.Enter(Client, Value(Argument(op, "arc_class")), Id(Argument(op, "context_id")), Time(op), out scope, out to);
                Scopes[op.Text("handle")] = scope;
                Moved(entered, to);
                return Client.Id;
            case "new_sub_context_enter":
                MonaStatus inside = Client.Current.EnterSub(Value(Argument(op, "arc_class")), Id(Argument(op, "sub_context_id")), out scope, out to);
                Scopes[op.Text("handle")] = scope;
                return SubId(op, Moved(inside, to));
            case "new_context_exit":
            case "new_sub_context_exit":
                Moved(Client.Current.Leave(Scopes[op.Text("handle")], out to), to);
                return false;
            case "get_full_context_id": return Client.Id;
            case "reset":
                Moved(Client.Current.Reset(out to), to);
                return null;
            case "export": return Export(op);
            case "export_batch": return ExportBatch(op);
            case "set_global_init_message":
                // To C null is "none"; the older client refuses it.
                if (Argument(op, "message") == null) return null;
                Quietly(() => Client.SetGlobals(Value(Argument(op, "message"))));
                return null;
            case "set_disabled":
                Client.Disabled = (bool)op["disabled"];
                return null;
            case "close":
                Client.Close();
                return null;
            case "thread_start":
                Workers[op.Text("new")] = new Worker(Client, op.Text("kind") == "inherit");
                return null;
            case "thread_join":
                Workers[op.Text("target")].End();
                Workers.Remove(op.Text("target"));
                return null;
            case "write_config": return WriteConfig(op);
            default: throw new InvalidOperationException(op.Text("op"));
        }
    }

    private static object InitClient(JsonObject parameters)
    {
        MonaOptions options = new MonaOptions();
        foreach (KeyValuePair<string, object> one in parameters)
            options[one.Key] = one.Value is bool ? ((bool)one.Value ? "true" : "false") : Convert.ToString(one.Value, CultureInfo.InvariantCulture);
        Mona.Init(options);
        client = Mona.Client;
        return null;
    }

    private static object Export(JsonObject op)
    {
        return Quietly(() => Client.ExportAt(Time(op), Value(Argument(op, "message")))) ? (object)true : null;
    }

    private static object ExportBatch(JsonObject op)
    {
        if (Client.Disabled) return "";
        List<object> events = new List<object>();
        foreach (object one in (List<object>)op["events"]) events.Add(Value(one));
        MonaStack to;
        MonaStatus status = Batch.FromStack(Client, Client.Current, events, out to);
        Client.Current = to;
        if (status != MonaStatus.Ok) throw Failure(status);
        return null;
    }

    private static object WriteConfig(JsonObject op)
    {
        string path = Environment.GetEnvironmentVariable("MONA_CLIENT_CONFIG_FILE");
        long before = Client.Stats.ConfigReloads;
        if (op.Has("delete") && (bool)op["delete"]) File.Delete(path);
        else if (op.Has("rename") && (bool)op["rename"])
        {
            File.WriteAllText(path + ".fresh", op.Text("content"));
            File.Replace(path + ".fresh", path, null);
        }
        else File.WriteAllText(path, op.Text("content"));
        DateTime end = DateTime.UtcNow.AddSeconds(ReloadS);
        while (Client.Stats.ConfigReloads == before && DateTime.UtcNow < end) Thread.Sleep(20);
        return null;
    }

    // What the older client says in its log alone.
    private static bool IsQuiet(MonaStatus status)
    {
        return status == MonaStatus.Json || status == MonaStatus.Utf8 || status == MonaStatus.Limit || status == MonaStatus.NoContext
            || status == MonaStatus.Protected || status == MonaStatus.NotFound;
    }

    private static bool Quietly(Func<bool> call)
    {
        try
        {
            return call();
        }
        catch (MonaException error)
        {
            if (!IsQuiet(error.Status)) throw;
            return false;
        }
    }

    private static Exception Failure(MonaStatus status)
    {
        return new Failed(status);
    }

    private static bool Moved(MonaStatus status, MonaStack to)
    {
        Client.Current = to;
        if (status != MonaStatus.Ok && !IsQuiet(status)) throw Failure(status);
        return status == MonaStatus.Ok;
    }

    private static string SubId(JsonObject op, bool opened)
    {
        if (!opened || Client.Disabled) return "";
        string given = Id(Argument(op, "sub_context_id"));
        string full = Client.Id;
        return string.IsNullOrEmpty(given) ? full.Substring(full.LastIndexOf('.') + 1) : given;
    }

    private static string Id(object given)
    {
        return given == null ? null : Convert.ToString(Value(given), CultureInfo.InvariantCulture);
    }

    // To the older client true is 1.
    private static object Time(JsonObject op)
    {
        object given = Value(Argument(op, "export_timestamp"));
        return true.Equals(given) ? 1L : given;
    }

    private static object Value(object given)
    {
        List<object> list = given as List<object>;
        JsonObject map = given as JsonObject;
        if (list != null) return list.ConvertAll(Value);
        if (map == null) return given;
        if (map.Pairs.Count == 1 && map.Pairs[0].Key.StartsWith("$", StringComparison.Ordinal)) return Special(map.Pairs[0].Key, map.Pairs[0].Value);
        System.Collections.Specialized.OrderedDictionary plain = new System.Collections.Specialized.OrderedDictionary();
        foreach (KeyValuePair<string, object> pair in map) plain[pair.Key] = Value(pair.Value);
        return plain;
    }

    private static object Special(string name, object inner)
    {
        JsonObject map = inner as JsonObject;
        switch (name)
        {
            case "$float": return inner.Equals("NaN") ? double.NaN : inner.Equals("Infinity") ? double.PositiveInfinity : double.NegativeInfinity;
            case "$int": return new MonaJson((string)inner);
            case "$utf16": return string.Concat(((List<object>)inner).ConvertAll(unit => (char)(long)unit));
            case "$json_text": return Value(JsonReader.Read((string)inner));
            case "$repeat": return new StringBuilder().Insert(0, map.Text("s"), (int)(long)map["n"]).ToString();
            case "$nest":
                object nest = Value(map["leaf"]);
                for (long level = (long)map["depth"]; level > 0; level--)
                    nest = map.Text("kind") == "list" ? (object)new List<object> { nest } : new Dictionary<string, object> { { "k", nest } };
                return nest;
            case "$map":
                return ((List<object>)inner).ConvertAll(pair =>
                    new KeyValuePair<object, object>(((List<object>)pair)[0], Value(((List<object>)pair)[1])));
            default: return Odd[(string)inner];
        }
    }

    /// <summary>A status of a stack as an exception, which only the package can make of its own kind.</summary>
    private sealed class Failed : Exception
    {
        internal Failed(MonaStatus status) : base(status.ToString())
        {
        }
    }
}

/// <summary>Another thread of the scenario, doing what it is told.</summary>
internal sealed class Worker
{
    private readonly BlockingCollection<Func<JsonObject>> jobs = new BlockingCollection<Func<JsonObject>>();
    private readonly BlockingCollection<JsonObject> answers = new BlockingCollection<JsonObject>();
    private readonly Thread thread;

    internal Worker(MonaClient client, bool inherits)
    {
        string id = client.Id;
        thread = new Thread(() =>
        {
            ulong scope = 0;
            MonaStack to = MonaStack.Empty;
            if (inherits) MonaStack.Empty.Enter(client, null, id, null, out scope, out to);
            client.Current = to;
            answers.Add(null);
            foreach (Func<JsonObject> job in jobs.GetConsumingEnumerable()) answers.Add(job());
            if (inherits) client.Current.Leave(scope, out to);
        });
        thread.Start();
        answers.Take();
    }

    internal JsonObject Do(Func<JsonObject> job)
    {
        jobs.Add(job);
        return answers.Take();
    }

    internal void End()
    {
        jobs.CompleteAdding();
        thread.Join();
    }
}
