package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar: which library it loads and how, as a module too, and where log lines go. */
class PackageTest {
    private static final int FIRST_FOREIGN = 22;
    private static final String PROGRAM = Program.class.getName();

    private static List<String> onClassPath(String... before) {
        List<String> arguments = new ArrayList<>(Arrays.asList(before));
        arguments.addAll(List.of("-cp", Child.jar() + File.pathSeparator + Child.tests(), PROGRAM));
        return arguments;
    }

    /** How this Java calls the library by the jar. */
    private static String road() throws Exception {
        try (JarFile jar = new JarFile(Child.jar())) {
            boolean foreign = jar.getEntry("META-INF/versions/22/dev/libmona/Calls.class") != null;
            return foreign && Runtime.version().feature() >= FIRST_FOREIGN ? "ffm" : "jni";
        }
    }

    @Test
    void extractsWhatItLoadsAndLeavesNothing(@TempDir Path folder) throws Exception {
        var ended = Child.run(Map.of(), onClassPath("-Djava.io.tmpdir=" + folder));
        assertEquals(road() + " 2\n", ended.out(), ended.err());
        try (var left = Files.list(folder)) {
            assertEquals(List.of(), left.filter(one -> !one.getFileName().toString().startsWith("hsperf")).toList());
        }
    }

    @Test
    void withoutTheHalfForLaterJavaItIsJni() throws Exception {
        var ended = Child.run(Map.of(), onClassPath("-Djdk.util.jar.enableMultiRelease=false"));
        assertEquals("jni 2\n", ended.out(), ended.err());
    }

    @Test
    void takesTheLibraryThatIsNamed() throws Exception {
        String library = System.getenv("MONA_LIBRARY");
        assumeTrue(library != null, "MONA_LIBRARY names no library");
        var ended = Child.run(Map.of(), onClassPath("-Dmona.library=" + library));
        assertEquals(road() + " 2\n", ended.out(), ended.err());
    }

    @Test
    void aLibraryThatIsNoneIsAnErrorThatNamesIt(@TempDir Path folder) throws Exception {
        Path none = Files.writeString(folder.resolve("libmona.so"), "no library");
        for (String file : List.of("/no/such/libmona.so", none.toString())) {
            for (boolean foreign : new boolean[] {true, false}) {
                var ended = Child.run(Map.of(), onClassPath("-Dmona.library=" + file,
                        "-Djdk.util.jar.enableMultiRelease=" + foreign));
                assertEquals(1, ended.status());
                assertTrue(ended.err().contains(file), ended.err());
            }
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsAnErrorThatSaysWhatToDo() throws Exception {
        var ended = Child.run(Map.of(), onClassPath("-Djava.io.tmpdir=/no/such/folder"));
        assertNotEquals(0, ended.status());
        assertTrue(ended.err().contains("mona.library"), ended.err());
    }

    @Test
    void isAModule(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("module-info.java"), "module app { requires dev.libmona; }");
        Files.writeString(Files.createDirectory(folder.resolve("app")).resolve("Main.java"), """
                package app;
                import dev.libmona.*;
                public class Main {
                    public static void main(String[] arguments) {
                        try (var client = Client.create(new Options().endpoint("memory:"));
                                var run = client.context("a")) {
                            run.export(e -> e.i64("n", 1)).orThrow();
                            System.out.println(Main.class.getModule() + " " + Client.class.getModule());
                        }
                    }
                }
                """);
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, "--module-path", Child.jar(),
                folder.resolve("module-info.java").toString(), folder.resolve("app/Main.java").toString());
        assertEquals(0, status);
        List<String> arguments = new ArrayList<>();
        if (Runtime.version().feature() >= FIRST_FOREIGN) {
            arguments.add("--enable-native-access=dev.libmona");
        }
        arguments.addAll(List.of("--module-path", Child.jar() + File.pathSeparator + folder, "-m", "app/app.Main"));
        var ended = Child.run(Map.of(), arguments);
        assertEquals("module app module dev.libmona\n", ended.out(), ended.err());
        assertEquals("", ended.err());
    }

    @Test
    void logsToThePlatform() throws Exception {
        var ended = Child.run(Map.of(), onClassPath());
        assertTrue(ended.err().contains("\"broken\""), ended.err());
    }

    @Test
    void logsToSlf4jWhereThatIs() throws Exception {
        List<String> paths = new ArrayList<>(List.of(Child.jar(), Child.tests(),
                Child.place(org.slf4j.LoggerFactory.class), Child.place(org.slf4j.simple.SimpleLogger.class)));
        var ended = Child.run(Map.of(), List.of("-cp", String.join(File.pathSeparator, paths), PROGRAM));
        assertTrue(ended.err().contains("ERROR dev.libmona") || ended.err().contains("WARN dev.libmona"), ended.err());
        assertTrue(ended.err().contains("\"broken\""), ended.err());
    }

    @Test
    void logsToThePlatformWhereSlf4jIsBroken(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("LoggerFactory.java"), """
                package org.slf4j;
                public final class LoggerFactory {
                    public static Logger getLogger(String name) {
                        throw new IllegalStateException("broken");
                    }
                }
                """);
        String slf4j = Child.place(org.slf4j.LoggerFactory.class);
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-cp", slf4j, "-d",
                folder.toString(), file.toString()));
        List<String> paths = List.of(folder.toString(), Child.jar(), Child.tests(), slf4j);
        var ended = Child.run(Map.of(), List.of("-cp", String.join(File.pathSeparator, paths), PROGRAM));
        assertEquals(road() + " 2\n", ended.out(), ended.err());
        assertTrue(ended.err().contains("\"broken\""), ended.err());
    }

    @Test
    void subtasksInheritTheContext(@TempDir Path folder) throws Exception {
        try (JarFile jar = new JarFile(Child.jar())) {
            assumeTrue(jar.getEntry("META-INF/versions/25/dev/libmona/Scoped.class") != null, "built without Java 25");
        }
        // As StructuredTaskScope is in 25: a preview.
        assumeTrue(Runtime.version().feature() == 25, "not on Java 25");
        Path file = Files.writeString(folder.resolve("Subtasks.java"), """
                import dev.libmona.*;
                import java.util.concurrent.StructuredTaskScope;
                public class Subtasks {
                    public static void main(String[] arguments) throws Exception {
                        try (var client = Client.create(new Options().endpoint("memory:"));
                                var run = client.context(null, "r")) {
                            String seen = run.call(() -> {
                                try (var scope = StructuredTaskScope.open()) {
                                    var one = scope.fork(() -> {
                                        try (var step = Mona.sub(null, "s")) {
                                            return Mona.id();
                                        }
                                    });
                                    var two = scope.fork(() -> Mona.id());
                                    scope.join();
                                    return one.get() + " " + two.get();
                                }
                            });
                            Context closed = client.context(null, "c");
                            closed.close();
                            seen += run.call(() -> closed.call(() -> {
                                try (var scope = StructuredTaskScope.open()) {
                                    var none = scope.fork(() -> Mona.id());
                                    scope.join();
                                    return "[" + none.get() + "]";
                                }
                            }));
                            System.out.println(seen + " " + Mona.id());
                        }
                    }
                }
                """);
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, java.io.OutputStream.nullOutputStream(),
                "--enable-preview", "--release", "25", "-cp", Child.jar(), "-d", folder.toString(), file.toString());
        assertEquals(0, status);
        var ended = Child.run(Map.of(), List.of("--enable-preview", "-cp",
                Child.jar() + File.pathSeparator + folder, "Subtasks"));
        assertEquals("r.s r[] r\n", ended.out(), ended.err());
    }

    @Test
    void aWrongEnvironmentDoesNotStopTheProgram() throws Exception {
        var ended = Child.run(Map.of("MONA_ENDPOINT", "nonsense"), List.of("-cp",
                Child.jar() + File.pathSeparator + Child.tests(), WrongEnvironment.class.getName()));
        assertEquals("ARGUMENT ARGUMENT true\n", ended.out(), ended.err());
    }

    /** The default client cannot be made. */
    public static final class WrongEnvironment {
        private WrongEnvironment() {}

        public static void main(String[] arguments) {
            try (var run = Mona.context("ranker")) {
                Status opened = run.opened().status();
                Status sent = run.export(e -> e.i64("n", 1)).status();
                run.sub("x").close();
                Mona.sub("x").close();
                Mona.export(e -> e.i64("n", 1));
                System.out.println(opened + " " + sent + " " + Mona.flush(java.time.Duration.ZERO));
            }
        }
    }
}
