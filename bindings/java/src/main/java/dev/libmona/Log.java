package dev.libmona;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * libmona's log lines into SLF4J where that is on the path, else into {@link System.Logger}; the logger is
 * {@code dev.libmona}.
 *
 * <p>A daemon thread takes them, and flush, close, check and the end of the machine do too: never a callback, which a
 * thread of libmona would make into a virtual machine that has ended.
 */
final class Log {
    private static final String NAME = "dev.libmona";
    // The longest wait for a line to show; a look costs a microsecond.
    private static final long PAUSE_MS = 500;
    // The core keeps the last 256 lines. No more are taken at once, so that a logger which causes a line for each line
    // that it gets does not keep a caller for ever.
    private static final int MOST_LINES = 256;
    // Lines are shorter; a longer one makes the room grow.
    private static final int LINE_BYTES = 2_048;
    private static final int PLACES = 16;

    // How often the core repeats a warning of one kind.
    private static final long MINUTE_NS = 60_000_000_000L;

    private static final AtomicLong REFUSED = new AtomicLong();
    // One thread at a time hands lines on, so that they stay in order; a logger that calls libmona does not wait.
    private static final ReentrantLock TURN = new ReentrantLock();
    private static final Sink SINK = sink();
    private static final ByteBuffer OUT = Text.buffer(PLACES);
    private static ByteBuffer line = Text.buffer(LINE_BYTES);
    private static boolean started;

    private Log() {}

    /** Where lines go. */
    @FunctionalInterface
    interface Sink {
        /** Logs a line of a MONA_LOG_ level. */
        void say(int level, String line);
    }

    /** Starts the thread with the first client. */
    static synchronized void start() {
        if (!started) {
            started = true;
            Thread thread = new Thread(Log::follow, "mona-log");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void follow() {
        try {
            while (true) {
                Thread.sleep(PAUSE_MS);
                drain();
            }
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says why an event was refused here, which libmona cannot know; as rarely as it says such things itself. */
    static void refused(String detail) {
        long now = System.nanoTime();
        long before = REFUSED.get();
        if ((before == 0 || now - before > MINUTE_NS) && REFUSED.compareAndSet(before, now)) {
            say(Constants.LOG_WARNING, "export refused: " + detail);
        }
    }

    private static void say(int level, String text) {
        try {
            SINK.say(level, text);
        } catch (RuntimeException | LinkageError broken) {
            // A logger that fails is not ours to mend, and no reason to fail an export.
        }
    }

    /** Hands on the lines that wait. */
    static void drain() {
        if (TURN.isHeldByCurrentThread() || !TURN.tryLock()) {
            return;
        }
        try {
            int taken = 0;
            while (taken < MOST_LINES && one()) {
                taken++;
            }
        } finally {
            TURN.unlock();
        }
    }

    private static boolean one() {
        long places = Calls.address(OUT);
        int status = Calls.logTake(places, Calls.address(line), line.capacity(), places + Long.BYTES);
        int length = (int) OUT.getLong(Long.BYTES);
        if (status == Status.TRUNCATED.number()) {
            line = Text.buffer(length + 1);
            return true;
        }
        if (status != 0) {
            return false;
        }
        say(OUT.getInt(0), Text.read(line, 0, length));
        return true;
    }

    private static Sink sink() {
        try {
            Class.forName("org.slf4j.LoggerFactory", false, Log.class.getClassLoader());
            return new Slf4jSink(NAME);
        } catch (ClassNotFoundException | RuntimeException | LinkageError absent) {
            return new SystemSink(NAME);
        }
    }
}
