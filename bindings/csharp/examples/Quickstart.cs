// A run of an algorithm, a step of it, and what they export. MONA_ENDPOINT says where to.
using System;
using LibMona;

internal static class Quickstart
{
    private static int Main()
    {
        int? age = null;
        using (var run = Mona.Context("image-classifier"))
        {
            run.Export(new { country = "IL", age, is_mobile = true });
            using (Mona.Sub("resize"))
                Mona.Export(new { width = 640, milliseconds = 1.5 }); // the open context, from anywhere
            run.Export(new { label = "cat", confidence = 0.97, boxes = new[] { new[] { 1, 2 } } });
        }
        return Mona.Close(TimeSpan.FromSeconds(5)) ? 0 : 1;
    }
}
