package dev.libmona.assembler;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;

/**
 * Two pages for those who watch: {@code /health} is 200 while it works or gets to work and 503 else, {@code /metrics} has the
 * counters as Prometheus reads them.
 */
final class Health implements AutoCloseable {
    /** What goes down too. */
    private static final Set<String> GAUGES = Set.of("open", "closed", "held");

    private final HttpServer server;

    private Health(HttpServer server) {
        this.server = server;
    }

    static Health start(Settings settings, Counters counters, Supplier<KafkaStreams.State> state) throws IOException {
        if (settings.healthPort == 0) {
            return new Health(null);
        }
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
        server.start();
        return new Health(server);
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
        }
    }
}
