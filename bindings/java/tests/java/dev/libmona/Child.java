package dev.libmona;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A virtual machine of its own, of the version that runs the tests. */
final class Child {
    // Only ends a hang.
    private static final long HANG_S = 120;

    private Child() {}

    /** How a child ended. */
    record Ended(int status, String out, String err) {}

    /** Where a class came from: a jar or a folder. */
    static String place(Class<?> one) {
        String location = one.getProtectionDomain().getCodeSource().getLocation().toString();
        return Path.of(java.net.URI.create(location)).toString();
    }

    /** The jar of this package. */
    static String jar() {
        return place(Client.class);
    }

    /** The classes of these tests. */
    static String tests() {
        return place(Child.class);
    }

    /** Runs it with these variables besides the inherited ones, of which options are left out. */
    static Ended run(Map<String, String> environment, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xshare:auto");
        command.addAll(arguments);
        Path out = Files.createTempFile("mona-child", ".out");
        Path err = Files.createTempFile("mona-child", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("MONA_"));
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(HANG_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("it hangs: " + command + Files.readString(err));
            }
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
