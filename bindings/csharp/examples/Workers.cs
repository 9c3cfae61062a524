// Tasks that run at the same time, each with a run of its own; the context follows through await.
using System;
using System.Linq;
using System.Threading.Tasks;
using LibMona;

internal static class Workers
{
    private static async Task<double> Score(int item)
    {
        await Task.Yield(); // goes on on whichever thread
        double score = item / 100.0;
        Mona.Export(new { item, score });
        return score;
    }

    private static async Task Handle(int number)
    {
        using (var run = Mona.Context("ranker", "request-" + number))
        {
            double best = 0;
            using (Mona.Sub("scoring", "scoring"))
            {
                foreach (int item in new[] { 3, 1, 4 }) best = Math.Max(best, await Score(item));
            }
            run.Export(new { best });
        }
    }

    private static int Main()
    {
        // What the library has to say, such as why nothing arrives.
        Mona.LogLine += (level, line) => Console.Error.WriteLine(line);
        Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(() => Handle(number)))).Wait();
        return Mona.Close(TimeSpan.FromSeconds(5)) ? 0 : 1;
    }
}
