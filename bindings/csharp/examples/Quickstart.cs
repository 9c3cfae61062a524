// A run of an algorithm, a step of it, and what they export. MONA_ENDPOINT says where to.
using System;
using LibMona;

internal static class Quickstart
{
    private static int Main()
    {
        // What the library has to say, such as why nothing arrives.
        Mona.LogLine += (level, line) => Console.Error.WriteLine(line);
        int? age = null;
        using (var run = Mona.Context("image-classifier"))
        {
            run.Export(new { country = "IL", age, is_mobile = true });
            using (Mona.Sub("resize"))
                Mona.Export(new { width = 640, milliseconds = 1.5 }); // the open context, from anywhere
            run.Export(new { label = "cat", confidence = 0.97, boxes = new[] { new[] { 1, 2 } } });
        }
        // Waits until the collector has it, for two seconds at most.
        if (Mona.Close(TimeSpan.FromSeconds(2))) return 0;
        Console.Error.WriteLine("not everything was delivered");
        return 1;
    }
}
