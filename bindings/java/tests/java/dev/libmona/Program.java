package dev.libmona;

/** A program for tests of the package: exports, is refused once, and prints how the library was called. */
public final class Program {
    private Program() {}

    public static void main(String[] arguments) {
        try (Client client = Client.create(new Options().endpoint("memory:"))) {
            try (var run = client.context("ranker")) {
                run.export(e -> e.i64("n", 1)).orThrow();
                run.export(e -> e.json("broken", "{"));
            }
            client.flush(Client.CLOSE_TIMEOUT);
            System.out.println(Calls.road() + " " + client.stats().delivered());
        }
    }
}
