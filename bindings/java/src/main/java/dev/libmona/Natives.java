package dev.libmona;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Finds libmona and the glue for JNI: those named by {@code -Dmona.library}, else those in the jar.
 *
 * <p>What comes from the jar is written to a fresh folder that only this user can enter, and is gone from there as soon
 * as it is loaded: Linux keeps the file of a mapped library.
 */
final class Natives {
    /** Names the file of libmona to load instead of the one in the jar. */
    static final String LIBRARY_PROPERTY = "mona.library";

    // The number of the binary interface this was made for, MONA_ABI_VERSION.
    private static final int ABI = Constants.ABI_VERSION;
    private static final String GLUE = "libmona-jni.so";

    private static Path library;
    private static Path folder;

    private Natives() {}

    /** The file of libmona, which {@link #load} deletes if it is from the jar. */
    private static synchronized Path library() {
        if (library == null) {
            String named = System.getProperty(LIBRARY_PROPERTY, "");
            library = named.isEmpty() ? extract("libmona.so") : Path.of(named).toAbsolutePath();
        }
        return library;
    }

    /** Loads the glue and has it find its functions in libmona. */
    static void loadGlue(Function<byte[], String> bind) {
        load(file -> {
            loadGlue(file);
            String missing = bind.apply((file + "\0").getBytes(fileNames()));
            if (missing != null) {
                throw new UnsatisfiedLinkError(missing);
            }
        });
        looked();
    }

    private static void loadGlue(Path file) {
        Path beside = file.resolveSibling(GLUE);
        if (!Files.isRegularFile(beside)) {
            beside = extract(GLUE);
        }
        try {
            System.load(beside.toString());
        } catch (UnsatisfiedLinkError taken) {
            // One file serves one class loader; a copy serves another one.
            if (beside.equals(folder == null ? null : folder.resolve(GLUE))) {
                throw taken;
            }
            System.load(extract(GLUE).toString());
        }
    }

    /** How the system spells names of files, for dlopen. */
    private static Charset fileNames() {
        try {
            return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        } catch (IllegalArgumentException unknown) {
            return StandardCharsets.UTF_8;
        }
    }

    /** Has libmona's file loaded, and takes away what was extracted, however that ends. */
    static synchronized void load(Consumer<Path> loader) {
        Path file = library();
        try {
            loader.accept(file);
        } catch (IllegalArgumentException | IllegalCallerException | UnsatisfiedLinkError error) {
            UnsatisfiedLinkError failure = new UnsatisfiedLinkError(file + ": " + error.getMessage() + advice(error));
            failure.initCause(error);
            throw failure;
        } finally {
            delete();
        }
    }

    private static String advice(Throwable error) {
        if (error instanceof IllegalCallerException) {
            return "; allow it by --enable-native-access, with dev.libmona or ALL-UNNAMED";
        }
        return folder == null ? "" : "; where that folder is mounted noexec, choose another one by -Djava.io.tmpdir, or"
                + " name a library by -D" + LIBRARY_PROPERTY;
    }

    /** Called once everything is loaded: looks at the version. */
    static synchronized void looked() {
        int found = Calls.abiVersion();
        if (found != ABI) {
            throw new UnsatisfiedLinkError(library + ": binary interface " + found + ", " + ABI + " is expected");
        }
    }

    private static synchronized Path extract(String name) {
        String platform = platform();
        String resource = "natives/" + platform + "/" + name;
        try (InputStream from = Natives.class.getResourceAsStream(resource)) {
            if (from == null) {
                throw new UnsatisfiedLinkError("no libmona for " + platform + " is in this jar; name one by -D"
                        + LIBRARY_PROPERTY + "=/path/to/libmona.so");
            }
            if (folder == null) {
                folder = Files.createTempDirectory("mona-",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Path to = folder.resolve(name);
            Files.copy(from, to);
            return to;
        } catch (IOException error) {
            delete();
            UnsatisfiedLinkError failure = new UnsatisfiedLinkError("libmona cannot be extracted: " + error
                    + "; choose another folder by -Djava.io.tmpdir, or name a library by -D" + LIBRARY_PROPERTY);
            failure.initCause(error);
            throw failure;
        }
    }

    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(java.util.Locale.ROOT);
        String machine = System.getProperty("os.arch");
        return system + "-" + switch (machine) {
            case "amd64" -> "x86_64";
            case "arm64" -> "aarch64";
            default -> machine;
        };
    }

    private static void delete() {
        if (folder == null) {
            return;
        }
        try {
            Files.deleteIfExists(folder.resolve("libmona.so"));
            Files.deleteIfExists(folder.resolve(GLUE));
            Files.deleteIfExists(folder);
        } catch (IOException left) {
            // A folder in the temporary one stays behind: no reason to fail.
        }
        folder = null;
    }
}
