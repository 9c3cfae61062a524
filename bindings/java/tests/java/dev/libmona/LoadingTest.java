package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Libraries that cannot be loaded, or are another one, by JNI (false) and by java.lang.foreign (true). */
class LoadingTest {
    @TempDir
    Path folder;
    private Path temporary;
    private Path natives;

    @BeforeEach
    void takeTheNativesOutOfTheJar() throws Exception {
        temporary = Files.createDirectory(folder.resolve("temporary"));
        natives = Files.createDirectory(folder.resolve("natives"));
        try (var jar = FileSystems.newFileSystem(Path.of(Child.jar()));
                var files = Files.walk(jar.getPath("dev/libmona/natives"))) {
            for (Path one : files.filter(Files::isRegularFile).toList()) {
                Files.copy(one, natives.resolve(one.getFileName().toString()));
            }
        }
    }

    private Child.Ended run(boolean foreign, String jar, Class<?> program, String... before) throws Exception {
        List<String> arguments = new ArrayList<>(Arrays.asList(before));
        arguments.addAll(List.of("-Djava.io.tmpdir=" + temporary, "-Djdk.util.jar.enableMultiRelease=" + foreign,
                "-cp", jar + File.pathSeparator + Child.tests(), program.getName()));
        return Child.run(Map.of("LC_ALL", "C.UTF-8"), arguments);
    }

    private void fails(Child.Ended ended, String... said) throws Exception {
        assertEquals(1, ended.status());
        assertTrue(ended.err().contains("\"main\" java.lang.UnsatisfiedLinkError: "), ended.err());
        for (String one : said) {
            assertTrue(ended.err().contains(one), ended.err());
        }
        nothingIsLeft();
    }

    private void nothingIsLeft() throws Exception {
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(), left.filter(one -> one.getFileName().toString().startsWith("mona")).toList());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatIsBrokenInTheJar(boolean foreign) throws Exception {
        Path jar = Files.copy(Path.of(Child.jar()), folder.resolve("broken.jar"));
        try (var inside = FileSystems.newFileSystem(jar);
                var files = Files.walk(inside.getPath("dev/libmona/natives"))) {
            for (Path one : files.filter(one -> one.endsWith("libmona.so")).toList()) {
                Files.writeString(one, "no library");
            }
        }
        fails(run(foreign, jar.toString(), Program.class), "libmona.so", "java.io.tmpdir");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereNativeCodeIsDenied(boolean foreign) throws Exception {
        assumeTrue(Runtime.version().feature() >= 24, "native code is denied from Java 24 on");
        fails(run(foreign, Child.jar(), Program.class, "--illegal-native-access=deny"), "--enable-native-access");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anotherLibrary(boolean foreign) throws Exception {
        Path other = Files.copy(natives.resolve("libmona-jni.so"), temporary.resolve("other.so"));
        fails(run(foreign, Child.jar(), Program.class, "-Dmona.library=" + other), other + ": mona_");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anotherBinaryInterface(boolean foreign) throws Exception {
        StringBuilder stubs = new StringBuilder();
        // Maven runs tests in the folder of the project.
        String glue = Files.readString(Path.of("src/main/c/glue.c"));
        for (var name = Pattern.compile("\\{\"(mona_\\w+)\"").matcher(glue); name.find();) {
            stubs.append("int ").append(name.group(1)).append("(void) { return 99; }\n");
        }
        Path source = Files.writeString(folder.resolve("stubs.c"), stubs);
        Path library = temporary.resolve("stubs.so");
        int built;
        try {
            built = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                    .inheritIO().start().waitFor();
        } catch (java.io.IOException absent) {
            built = -1;
        }
        assumeTrue(built == 0, "no C compiler");
        fails(run(foreign, Child.jar(), Program.class, "-Dmona.library=" + library), "binary interface 99");
    }

    @Test
    void aFolderOfAnyName() throws Exception {
        temporary = Files.createDirectory(temporary.resolve("é\uD83D\uDC3E"));
        assertEquals("jni 2\n", run(false, Child.jar(), Program.class).out());
        nothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoClassLoaders(boolean foreign) throws Exception {
        for (String named : List.of("", natives.resolve("libmona.so").toString())) {
            var ended = run(foreign, Child.jar(), TwoLoaders.class, "-Dmona.library=" + named);
            assertEquals(0, ended.status(), ended.err());
            assertEquals(2, ended.out().lines().filter(one -> one.endsWith(" 2")).count(), ended.out());
            nothingIsLeft();
        }
    }

    /** As a server does with two programs that have this package each. */
    public static final class TwoLoaders {
        private TwoLoaders() {}

        public static void main(String[] arguments) throws Exception {
            List<URL> path = new ArrayList<>();
            for (String one : System.getProperty("java.class.path").split(File.pathSeparator)) {
                path.add(Path.of(one).toUri().toURL());
            }
            for (int n = 0; n < 2; n++) {
                var loader = new URLClassLoader(path.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
                loader.loadClass(Program.class.getName()).getMethod("main", String[].class)
                        .invoke(null, (Object) arguments);
            }
        }
    }
}
