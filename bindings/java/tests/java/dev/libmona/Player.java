package dev.libmona;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Plays one conformance scenario and prints what it gave: {@code Player SCENARIOS.json ID}. Judges nothing. */
public final class Player {
    // The rule is 3 s; the rest is for a loaded machine.
    private static final Duration RELOAD = Duration.ofSeconds(20);
    private static final Duration LOOK = Duration.ofMillis(20);
    // Only end a hang.
    private static final Duration HANG = Duration.ofSeconds(60);
    private static final Duration FLUSH = Duration.ofSeconds(30);
    // What the older client raises; the rest is said in the log.
    private static final Set<Status> LOST = EnumSet.of(Status.DROPPED, Status.TIMEOUT, Status.CLOSED, Status.IO);

    private final Map<String, ExecutorService> threads = new HashMap<>();
    private final Map<String, Long> scopes = new HashMap<>();

    private Player() {}

    /** A call that lost something. */
    private static final class Lost extends Exception {
        private static final long serialVersionUID = 1;

        Lost(Outcome outcome) {
            super(outcome.toString());
        }
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Object> file = JsonReader.object(Files.readString(Path.of(arguments[0])));
        Map<?, ?> scenario = ((List<?>) file.get("scenarios")).stream().map(one -> (Map<?, ?>) one)
                .filter(one -> arguments[1].equals(one.get("id"))).findFirst().orElseThrow();
        long started = System.currentTimeMillis() / 1000;
        Player player = new Player();
        List<Object> results = new ArrayList<>();
        for (Object op : (List<?>) scenario.get("ops")) {
            results.add(player.perform((Map<?, ?>) op));
        }
        for (String name : List.copyOf(player.threads.keySet())) {
            player.end(name);
        }
        List<String> records = new ArrayList<>();
        Client client = Mona.client();
        client.flush(FLUSH);
        for (var record = client.take(); record.isPresent(); record = client.take()) {
            records.add(record.get());
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("implementation", Calls.road());
        seen.put("results", results);
        seen.put("records", records);
        seen.put("stats", client.stats().toMap());
        seen.put("started", started);
        seen.put("ended", System.currentTimeMillis() / 1000);
        System.out.write((Json.text(seen) + "\n").getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    private Map<String, Object> perform(Map<?, ?> op) throws Exception {
        long before = accepted();
        ExecutorService thread = threads.get(op.get("thread"));
        Map<String, Object> seen = thread == null ? outcome(op)
                : thread.submit(() -> outcome(op)).get(HANG.toSeconds(), TimeUnit.SECONDS);
        made = true;
        seen.put("emits", accepted() - before);
        return seen;
    }

    private Map<String, Object> outcome(Map<?, ?> op) {
        Map<String, Object> seen = new LinkedHashMap<>();
        try {
            seen.put("ok", play(op));
        } catch (Exception error) {
            seen.put("err", error.getClass().getSimpleName());
            seen.put("detail", String.valueOf(error.getMessage()));
        }
        return seen;
    }

    private static long accepted() {
        return made ? Mona.client().stats().accepted() : 0;
    }

    private static volatile boolean made;

    private Object play(Map<?, ?> op) throws Exception {
        switch (op.get("op").toString()) {
            case "init_client":
                Options options = new Options();
                ((Map<?, ?>) op.get("params")).forEach((name, value) ->
                        options.set(name.toString(), String.valueOf(value)));
                Mona.init(options);
                return null;
            case "init":
                lost(Current.open(value(op, "arc_class"), id(op, "context_id"), time(op.get("export_timestamp"))));
                return Mona.id();
            case "init_sub_context":
                return sub(() -> lost(Current.openSub(value(op, "arc_class"), id(op, "sub_context_id"))));
            case "close_sub_context":
                lost(Current.closeSub(id(op, "sub_context_id")));
                return Mona.id();
            case "new_context_enter":
                enter(op, Current.enter(value(op, "arc_class"), id(op, "context_id"),
                        time(op.get("export_timestamp"))));
                return Mona.id();
            case "new_sub_context_enter":
                return sub(() -> enter(op, Current.enterSub(value(op, "arc_class"), id(op, "sub_context_id"))));
            case "new_context_exit", "new_sub_context_exit":
                lost(Current.leave(scopes.remove(op.get("handle").toString())));
                return false;
            case "get_full_context_id":
                return Mona.id();
            case "reset":
                lost(Current.reset());
                return null;
            case "export":
                return lost(Current.export(value(op, "message"), time(op.get("export_timestamp")))).taken()
                        ? true : null;
            case "export_batch":
                return batch((List<?>) op.get("events"));
            case "set_global_init_message":
                globals(value(op, "message"));
                return null;
            case "set_disabled":
                Mona.client().disable((Boolean) op.get("disabled"));
                return null;
            case "close":
                Mona.close(FLUSH);
                return null;
            case "thread_start":
                start(op.get("new").toString(), "inherit".equals(op.get("kind")));
                return null;
            case "thread_join":
                end(op.get("target").toString());
                return null;
            case "write_config":
                writeConfig(op);
                return null;
            default:
                throw new IllegalArgumentException(op.get("op").toString());
        }
    }

    private static Object value(Map<?, ?> op, String name) {
        return ScenarioValues.value(op.get(name));
    }

    /** A timestamp. True is the number 1 in the language that the scenarios were recorded in. */
    private static Object time(Object given) {
        return Boolean.TRUE.equals(given) ? (Object) 1L : ScenarioValues.value(given);
    }

    private static String id(Map<?, ?> op, String name) {
        return (String) op.get(name);
    }

    private static Outcome lost(Outcome outcome) throws Lost {
        if (LOST.contains(outcome.status())) {
            throw new Lost(outcome);
        }
        return outcome;
    }

    private Outcome enter(Map<?, ?> op, long scope) {
        scopes.put(op.get("handle").toString(), scope);
        return Outcome.DONE;
    }

    private interface Move {
        Outcome go() throws Lost;
    }

    /** The id that a move into a step added; empty where there was none. */
    private static String sub(Move move) throws Lost {
        String before = Mona.id();
        move.go();
        String after = Mona.id();
        return after.length() > before.length() ? after.substring(before.length() + 1) : "";
    }

    private static Object batch(List<?> events) throws Exception {
        List<String> texts = new ArrayList<>();
        for (Object event : events) {
            Object value = ScenarioValues.value(event);
            if (value instanceof Map<?, ?> map) {
                Map<Object, Object> timed = new LinkedHashMap<>(map);
                timed.computeIfPresent("export_timestamp", (name, given) -> time(given));
                value = timed;
            }
            texts.add(Json.text(value));
        }
        BatchOutcome sent = Current.batchJson("[" + String.join(",", texts) + "]");
        lost(sent.outcome());
        sent.outcome().orThrow();
        return Mona.client().isDisabled() ? "" : null;
    }

    private static void globals(Object message) throws Exception {
        Client client = Mona.client();
        if (message == null) {
            client.setGlobalsJson("null");
        } else {
            client.setGlobalsJson(Json.text(message));
        }
    }

    private void start(String name, boolean inherits) throws Exception {
        String parent = inherits ? Mona.id() : null;
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(() -> {
                long scope = inherits ? Current.enter(null, parent, null) : 0;
                task.run();
                if (inherits) {
                    Current.leave(scope);
                }
            });
            made.setDaemon(true);
            return made;
        });
        threads.put(name, thread);
        thread.submit(() -> { }).get(HANG.toSeconds(), TimeUnit.SECONDS);
    }

    private void end(String name) throws InterruptedException {
        ExecutorService thread = threads.remove(name);
        thread.shutdown();
        thread.awaitTermination(HANG.toSeconds(), TimeUnit.SECONDS);
    }

    private static void writeConfig(Map<?, ?> op) throws IOException, InterruptedException {
        Path path = Path.of(System.getenv("MONA_CLIENT_CONFIG_FILE"));
        long before = Mona.client().stats().configReloads();
        boolean renames = Boolean.TRUE.equals(op.get("rename"));
        Path target = renames ? path.resolveSibling("fresh") : path;
        if (Boolean.TRUE.equals(op.get("delete"))) {
            Files.delete(path);
        } else {
            Files.writeString(target, op.get("content").toString());
            if (renames) {
                Files.move(target, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        long end = System.nanoTime() + RELOAD.toNanos();
        while (Mona.client().stats().configReloads() == before && System.nanoTime() < end) {
            Thread.sleep(LOOK.toMillis());
        }
    }
}
