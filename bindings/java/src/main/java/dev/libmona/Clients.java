package dev.libmona;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The clients that are open, which the end of the virtual machine flushes. */
final class Clients {
    // What the option exit_flush_ms is where nobody says anything; the shutdown has several clients to wait for.
    private static final int DEFAULT_FLUSH_MS = 1_000;
    private static final String EXIT_FLUSH = "\"exit_flush_ms\"";

    private static final Set<Open> OPEN = ConcurrentHashMap.newKeySet();
    private static final Thread HOOK = new Thread(Clients::flush, "mona-shutdown");

    static {
        try {
            Runtime.getRuntime().addShutdownHook(HOOK);
        } catch (IllegalStateException late) {
            // The machine ends already: what is made now is closed by whoever made it.
        }
    }

    private Clients() {}

    static Open add(long pointer, boolean owned) {
        Open open = new Open(pointer, owned);
        OPEN.add(open);
        return open;
    }

    /** Flushes all of them at the same time: each may take its whole time. */
    private static void flush() {
        List<Thread> waiting = new ArrayList<>();
        for (Open one : OPEN) {
            Thread thread = new Thread(one::flush, "mona-flush");
            thread.start();
            waiting.add(thread);
        }
        try {
            for (Thread one : waiting) {
                one.join();
            }
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
        Log.drain();
    }

    /** A client's pointer. As a task it frees the client, which nobody can reach any more. */
    static final class Open implements Runnable {
        private final long pointer;
        private boolean owned;
        private boolean freed;

        private Open(long pointer, boolean owned) {
            this.pointer = pointer;
            this.owned = owned;
        }

        long pointer() {
            return pointer;
        }

        /** Nothing of it is left to flush. */
        void closed() {
            OPEN.remove(this);
        }

        /** It is the default client now and lives as long as the process. */
        synchronized void keep() {
            owned = false;
        }

        @Override
        public synchronized void run() {
            OPEN.remove(this);
            if (owned && !freed) {
                freed = true;
                Calls.clientFree(pointer);
            }
        }

        private synchronized void flush() {
            if (!freed) {
                Calls.clientFlush(pointer, exitFlush());
            }
        }

        private int exitFlush() {
            String described = Out.read((buffer, room, length) ->
                    Calls.clientDescribe(pointer, buffer, room, length)).text();
            int at = described.indexOf(EXIT_FLUSH);
            int digit = at < 0 ? -1 : firstDigit(described, at + EXIT_FLUSH.length());
            if (digit < 0) {
                return DEFAULT_FLUSH_MS;
            }
            int end = digit;
            while (end < described.length() && Character.isDigit(described.charAt(end))) {
                end++;
            }
            return Integer.parseInt(described, digit, end, 10);
        }

        private static int firstDigit(String text, int from) {
            for (int at = from; at < text.length() && text.charAt(at) != '}'; at++) {
                if (Character.isDigit(text.charAt(at))) {
                    return at;
                }
            }
            return -1;
        }
    }
}
