package dev.libmona;

import java.time.Duration;

/** A program that exports and then ends, in the way that its argument names: {@code Ends WAY EVENTS}. */
public final class Ends {
    // Only ends a hang.
    private static final Duration LONG = Duration.ofSeconds(120);

    private Ends() {}

    public static void main(String[] arguments) throws Exception {
        int events = Integer.parseInt(arguments[1]);
        Client client = arguments[0].startsWith("own") ? Client.create() : Mona.client();
        try (var run = client.context("ender")) {
            for (int n = 0; n < events; n++) {
                int number = n;
                run.export(e -> e.i64("n", number)).orThrow();
            }
        }
        switch (arguments[0]) {
            case "return", "own-return" -> { }
            case "exit", "own-exit" -> System.exit(3);
            case "exit-elsewhere" -> {
                new Thread(() -> System.exit(3)).start();
                Thread.sleep(LONG.toMillis());
            }
            case "throw" -> throw new IllegalStateException("on purpose");
            case "term" -> {
                new ProcessBuilder("kill", "-TERM", Long.toString(ProcessHandle.current().pid())).start();
                Thread.sleep(LONG.toMillis());
            }
            case "halt" -> {
                client.flush(LONG);
                Runtime.getRuntime().halt(4);
            }
            case "close" -> {
                client.close(LONG);
                System.exit(client.context("late").opened().ok() ? 1 : 0);
            }
            case "hook" -> Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try (var run = client.context(null)) {
                    run.export(e -> e.i64("n", -1));
                }
                client.flush(LONG);
            }));
            case "daemons" -> {
                Thread busy = new Thread(() -> {
                    while (true) {
                        client.context(null).close();
                    }
                });
                busy.setDaemon(true);
                busy.start();
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }
}
