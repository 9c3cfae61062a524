package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Contexts on one thread, in any order. */
class ContextsTest {
    @AfterEach
    void nothingIsLeftOpen() {
        assertEquals("", Mona.id());
    }

    @Test
    void blocks() {
        try (var mona = new Recorded()) {
            try (var run = mona.client.context("ranker", "r")) {
                assertEquals("r", run.id());
                try (var step = run.sub("scoring", "s")) {
                    assertEquals("r.s", step.id());
                    assertEquals("r.s", Mona.id());
                    Mona.export(e -> e.i64("n", 1)).orThrow();
                    run.export(e -> e.i64("n", 2)).orThrow();
                }
                try (var step = Mona.sub("sorting", "t")) {
                    step.export(e -> e.i64("n", 3)).orThrow();
                }
                Mona.exportJson("{\"n\": 4}").orThrow();
            }
            assertEquals(List.of("r", "r.s", "r.s", "r", "r.t", "r.t", "r"),
                    mona.records().stream().map(one -> one.get("context")).toList());
        }
    }

    @Test
    void anInnerContextOfTheSameClientJoins() {
        try (var mona = new Recorded(); var run = mona.client.context("outer")) {
            try (var inner = mona.client.context("inner", "other")) {
                assertEquals(run.id(), inner.id());
                inner.export(e -> e.i64("n", 1)).orThrow();
            }
            run.export(e -> e.i64("n", 2)).orThrow();
            assertEquals(3, mona.records().size());
        }
    }

    @Test
    void clientsDoNotSeeEachOther() {
        try (var one = new Recorded(); var two = new Recorded()) {
            try (var a = one.client.context(null, "a")) {
                try (var b = two.client.context(null, "b")) {
                    Mona.export(e -> e.str("to", "two")).orThrow();
                    a.export(e -> e.str("to", "one")).orThrow();
                }
                Mona.export(e -> e.str("to", "one")).orThrow();
            }
            assertEquals(2, one.records().size());
            assertEquals(1, two.records().size());
        }
    }

    @Test
    void closedInAnyOrder() {
        try (var mona = new Recorded()) {
            Context a = mona.client.context(null, "a");
            Context b = a.sub(null, "b");
            Context c = b.sub(null, "c");
            assertEquals("a.b.c", Mona.id());
            b.close();
            assertEquals("a", Mona.id());
            assertEquals(Outcome.DONE, c.export(e -> e.i64("n", 1)));
            c.close();
            c.close();
            assertEquals("a", Mona.id());
            a.close();
            a.close();
            assertEquals("", Mona.id());
        }
    }

    @Test
    void interleavedWithAnotherClient() {
        try (var one = new Recorded(); var two = new Recorded()) {
            Context a = one.client.context(null, "a");
            Context x = two.client.context(null, "x");
            Context b = a.sub(null, "b");
            x.close();
            assertEquals("a.b", Mona.id());
            b.close();
            assertEquals("a", Mona.id());
            a.close();
        }
    }

    @Test
    void outerClosedFirst() {
        try (var one = new Recorded(); var two = new Recorded()) {
            Context a = one.client.context(null, "a");
            Context b = two.client.context(null, "b");
            a.close();
            assertEquals("b", Mona.id());
            b.close();
            assertEquals("", Mona.id());
            Context c = one.client.context(null, "c");
            Context d = c.sub(null, "d");
            c.close();
            assertEquals("", Mona.id());
            assertEquals(Outcome.DONE, d.export(e -> e.i64("n", 1)));
            d.close();
        }
    }

    @Test
    void aClosedContextRefuses() {
        try (var mona = new Recorded()) {
            Context run = mona.client.context("ranker");
            run.close();
            Outcome outcome = run.export(e -> e.i64("n", 1));
            assertEquals(Status.NO_CONTEXT, outcome.status());
            assertTrue(outcome.detail().contains("closed"));
            assertEquals("", run.id());
            try (var sub = run.sub("x")) {
                assertFalse(sub.opened().ok());
                assertFalse(sub.export(Map.of("n", 1)).ok());
            }
        }
    }

    @Test
    void closedOnAnotherThread() throws InterruptedException {
        try (var mona = new Recorded()) {
            Context run = mona.client.context("ranker", "r");
            Thread other = new Thread(() -> {
                run.export(e -> e.i64("n", 1)).orThrow();
                run.close();
            });
            other.start();
            other.join();
            assertEquals("", Mona.id());
            assertFalse(run.export(e -> e.i64("n", 2)).ok());
            assertEquals(Status.NO_CONTEXT, Mona.export(e -> e.i64("n", 3)).status());
            assertEquals(2, mona.records().size());
        }
    }

    @Test
    void freshIds() {
        try (var mona = new Recorded(); var one = mona.client.context(null)) {
            String first = one.id();
            one.close();
            try (var two = mona.client.context(null)) {
                assertNotEquals(first, two.id());
            }
        }
    }

    @Test
    void whileDisabledNothingHappens() {
        try (var mona = new Recorded()) {
            mona.client.disable(true);
            assertTrue(mona.client.isDisabled());
            try (var run = mona.client.context("ranker")) {
                assertEquals(Outcome.SKIPPED, run.opened());
                assertEquals(Outcome.SKIPPED, run.export(e -> e.i64("n", 1)));
                try (var sub = run.sub("x")) {
                    assertEquals(Outcome.SKIPPED, sub.export(Map.of("odd", new Object())));
                }
                assertEquals("", run.id());
                mona.client.disable(false);
                assertEquals(Outcome.SKIPPED, run.export(e -> e.i64("n", 1)));
            }
            try (var run = mona.client.context("ranker")) {
                assertEquals(Outcome.DONE, run.export(e -> e.i64("n", 1)));
                mona.client.disable(true);
                assertEquals(Outcome.SKIPPED, run.export(e -> e.i64("n", 1)));
                assertEquals(Outcome.SKIPPED, run.export(Map.of("odd", new Object())));
                mona.client.disable(false);
            }
            assertEquals(2, mona.records().size());
        }
    }

    @Test
    void badNames() {
        try (var mona = new Recorded(); var run = mona.client.context("\ud800", "x")) {
            assertEquals(Status.UTF8, run.opened().status());
            assertFalse(run.export(e -> e.i64("n", 1)).ok());
            assertEquals(0, mona.records().size());
        }
    }
}
