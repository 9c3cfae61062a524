using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using LibMona;

/// <summary>Ends of a process: each exports so many events, ends in the way it is named by, and loses none of them.
/// ledgers.sh counts what arrived.</summary>
internal static class Ends
{
    private static void Events(int count = 100)
    {
        using (MonaContext run = Mona.Context("ends"))
            for (int number = 0; number < count; number++) run.Export(new { number });
    }

    private static int Main(string[] arguments)
    {
        switch (arguments[0])
        {
            case "return":
                Events();
                return 0;
            case "exit":
                Events();
                Environment.Exit(3);
                return 0;
            case "exit-in-thread":
                Events();
                new Thread(() => Environment.Exit(0)).Start();
                Thread.Sleep(Timeout.Infinite);
                return 0;
            case "exception":
                Events();
                throw new InvalidOperationException("on purpose");
            case "fail-fast":
                Events();
                Mona.Flush(TimeSpan.FromSeconds(60));
                Environment.FailFast("on purpose");
                return 0;
            case "own-client":
                MonaClient client = new MonaClient();
                using (MonaContext run = client.Context("ends"))
                    for (int number = 0; number < 100; number++) run.Export(new { number });
                return 0;
            case "own-client-disposed":
                using (MonaClient other = new MonaClient())
                using (MonaContext run = other.Context("ends"))
                    for (int number = 0; number < 100; number++) run.Export(new { number });
                return 0;
            case "background-threads":
                CountdownEvent done = new CountdownEvent(8);
                for (int n = 0; n < 8; n++)
                    new Thread(() =>
                    {
                        Events();
                        done.Signal();
                        Thread.Sleep(Timeout.Infinite);
                    }) { IsBackground = true }.Start();
                done.Wait();
                return 0;
            case "tasks":
                Task[] tasks = new Task[8];
                for (int n = 0; n < 8; n++) tasks[n] = Task.Run(() => Events());
                Task.WaitAll(tasks);
                return 0;
            case "term":
                Events();
                // As an orchestrator does.
                Process.Start("kill", "-TERM " + Process.GetCurrentProcess().Id);
                Thread.Sleep(Timeout.Infinite);
                return 0;
            case "log":
                Mona.LogLine += (level, line) => Console.Error.WriteLine(line);
                Events();
                return 0;
            case "bad-values":
                BadValues();
                return 0;
            default:
                return 2;
        }
    }

    private static void BadValues()
    {
        object[] bad = { new object(), "\ud800", new byte[1] };
        using (MonaContext run = Mona.Context("ends"))
        {
            for (int number = 0; number < 100; number++)
            {
                run.Export(new { number });
                try
                {
                    run.Export(new { number, bad = bad[number % 3] });
                }
                catch (MonaException)
                {
                }
            }
        }
    }
}
