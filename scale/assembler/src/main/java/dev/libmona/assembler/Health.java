package dev.libmona.assembler;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;

/**
 * Two pages for those who watch: {@code /health} is 200 while it works or gets to work and 503 else, {@code /metrics} has the
 * counters as Prometheus reads them.
 */
final class Health implements AutoCloseable {
    /** What goes down too. */
    private static final Set<String> GAUGES = Set.of("open", "closed", "held");

    /** Kubernetes and Prometheus, and two that are slow. */
    private static final int THREADS = 4;
    /** Seconds for a request to come. */
    private static final String PATIENCE = "10";

    private final HttpServer server;
    private final ExecutorService threads;

    private Health(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    static Health start(Settings settings, Counters counters, Supplier<KafkaStreams.State> state) throws IOException {
        if (settings.healthPort == 0) {
            return new Health(null, null);
        }
        System.setProperty("sun.net.httpserver.maxReqTime", PATIENCE);
        HttpServer server = HttpServer.create(new InetSocketAddress(settings.healthAddress, settings.healthPort), 16);
        server.createContext("/health", exchange -> {
            KafkaStreams.State now = state.get();
            answer(exchange, now.isRunningOrRebalancing() ? 200 : 503, now + "\n");
        });
        server.createContext("/metrics", exchange -> {
            StringBuilder text = new StringBuilder();
            counters.all().forEach((name, count) -> {
                boolean gauge = GAUGES.contains(name);
                String snake = "mona_assembler_" + name.replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT);
                snake += gauge ? "" : "_total";
                text.append("# TYPE ").append(snake).append(gauge ? " gauge\n" : " counter\n");
                text.append(snake).append(' ').append(count).append('\n');
            });
            answer(exchange, 200, text.toString());
        });
        // One that asks and says nothing more keeps a thread for a while; who asks whether we are well needs another.
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "mona-health");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.start();
        return new Health(server, threads);
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
            threads.shutdownNow();
        }
    }
}
