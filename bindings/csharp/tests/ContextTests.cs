using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using LibMona;

internal static class ContextTests
{
    // Tasks of an isolation test, and what each exports.
    private const int Tasks = 200;
    private const int Events = 5;

    public static void ABlock()
    {
        MonaClient client = new Memory().Client;
        using (MonaContext run = client.Context("ranker", "run")) Assert.Equal("run", run.Id);
        Assert.Equal("", client.Id);
        Assert.Refused(MonaStatus.NoContext, () => client.Export(new { a = 1 }));
    }

    public static void ClassesAndSteps()
    {
        Memory memory = new Memory();
        using (MonaContext run = memory.Client.Context("ranker", "run", DateTimeOffset.FromUnixTimeSeconds(5)))
        {
            using (memory.Client.Sub("fetch", "step")) memory.Client.Export(new { a = 1 });
            using (MonaContext step = run.Sub("sort", "other")) step.Export(new { b = 2 });
            memory.Client.Export(new { c = 3 });
        }
        List<string> told = memory.Records().ConvertAll(record => Regex.Match(record, "\"context\":\"(.*?)\"").Groups[1].Value);
        Assert.Equal("run run.step run.step run.other run.other run", string.Join(" ", told));
    }

    public static void ABlockInsideJoins()
    {
        MonaClient client = new Memory().Client;
        using (client.Context("a", "outer"))
        {
            using (MonaContext run = client.Context("b", "inner")) Assert.Equal("outer", run.Id);
            Assert.Equal("outer", client.Id);
        }
    }

    public static void LeavesInAnyOrder()
    {
        MonaClient client = new Memory().Client;
        MonaContext outer = client.Context(null, "outer");
        MonaContext inner = client.Sub(null, "inner");
        outer.Dispose();
        Assert.Equal("", client.Id);
        inner.Dispose();
        outer.Dispose();
        Assert.Equal("", client.Id);
    }

    public static void AContextToHandOn()
    {
        Memory memory = new Memory();
        MonaContext run = memory.Client.Start("ranker", "kept");
        Assert.Equal("", memory.Client.Id);
        MonaContext step = run.Start(null, "step");
        Thread thread = new Thread(() => step.Export(new { a = 1 }));
        thread.Start();
        thread.Join();
        run.Dispose();
        Assert.Contains("\"context\":\"kept.step\",\"message\":{\"a\":1}", string.Join("\n", memory.Records()));
    }

    public static void AStepWithoutARun()
    {
        Assert.Refused(MonaStatus.NoContext, () => new Memory().Client.Sub("step"));
    }

    public static void ClientsHaveContextsOfTheirOwn()
    {
        MonaClient one = new Memory().Client, two = new Memory().Client;
        using (one.Context(null, "1"))
        using (two.Context(null, "2"))
            Assert.Equal("1 2", one.Id + " " + two.Id);
    }

    public static void TasksAreIsolated()
    {
        Memory memory = new Memory();
        Task[] tasks = new Task[Tasks];
        for (int n = 0; n < Tasks; n++)
        {
            int number = n;
            tasks[n] = Task.Run(() => Export(memory.Client, number));
        }
        Task.WaitAll(tasks);
        CheckIsolation(memory);
    }

    public static void TasksInsideAContextAreIsolated()
    {
        Memory memory = new Memory();
        using (memory.Client.Start())
        {
            Task[] tasks = new Task[Tasks];
            for (int n = 0; n < Tasks; n++) tasks[n] = Export(memory.Client, n); // begins here, goes on on other threads
            Task.WaitAll(tasks);
            Assert.Equal("", memory.Client.Id);
        }
        CheckIsolation(memory);
    }

    private static async Task Export(MonaClient client, int number)
    {
        using (client.Context("task-" + number, "task-" + number))
        {
            for (int n = 0; n < Events; n++)
            {
                client.Export(new { number });
                await Task.Yield();
            }
        }
    }

    public static void ThreadsAreIsolated()
    {
        Memory memory = new Memory();
        Thread[] threads = new Thread[Tasks];
        for (int n = 0; n < Tasks; n++)
        {
            int number = n;
            threads[n] = new Thread(() =>
            {
                using (memory.Client.Context("task-" + number, "task-" + number))
                    for (int e = 0; e < Events; e++)
                    {
                        memory.Client.Export(new { number });
                        Thread.Yield();
                    }
            });
            threads[n].Start();
        }
        foreach (Thread thread in threads) thread.Join();
        CheckIsolation(memory);
    }

    private static void CheckIsolation(Memory memory)
    {
        List<string> records = memory.Records();
        Assert.Equal(Tasks * (Events + 1), records.Count);
        int foreign = 0;
        foreach (string record in records)
        {
            Match match = Regex.Match(record, "\"context\":\"task-(\\d+)\",\"message\":\\{\"(?:number\":|MONA_ARC_CLASS\":\"task-)(\\d+)");
            if (!match.Success || match.Groups[1].Value != match.Groups[2].Value) foreign++;
        }
        Assert.Equal(0, foreign);
    }

    public static void ATaskInheritsAndOutlives()
    {
        Memory memory = new Memory();
        TaskCompletionSource<bool> gate = new TaskCompletionSource<bool>();
        Task late;
        using (memory.Client.Context(null, "run"))
        {
            late = Task.Run(async () =>
            {
                await gate.Task;
                memory.Client.Export(new { late = 1 });
                using (memory.Client.Sub(null, "step")) memory.Client.Export(new { step = 1 });
            });
            string seen = null;
            Thread thread = new Thread(() => seen = memory.Client.Id);
            thread.Start();
            thread.Join();
            Assert.Equal("run", seen);
        }
        gate.SetResult(true);
        Assert.True(late.Wait(Assert.Hang));
        List<string> records = memory.Records();
        Assert.Contains("\"context\":\"run\"", records[0]);
        Assert.Contains("\"context\":\"run.step\"", records[1]);
    }

    public static void WhatATaskEntersDoesNotShowOutside()
    {
        MonaClient client = new Memory().Client;
        using (client.Context(null, "outside"))
        {
            Task inside = EnterAndStay(client);
            Assert.Equal("outside", client.Id);
            Assert.True(inside.Wait(Assert.Hang));
            Assert.Equal("outside", client.Id);
        }
    }

    private static async Task EnterAndStay(MonaClient client)
    {
        client.Sub(null, "inside");
        await Task.Yield();
        Assert.Equal("outside.inside", client.Id);
    }

    public static void StacksAreFreed()
    {
        MonaClient client = new Memory().Client;
        for (int n = 0; n < 20000; n++)
            using (client.Context(null, "a"))
            using (client.Sub(null, "b"))
            {
            }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal("", client.Id);
    }
}
