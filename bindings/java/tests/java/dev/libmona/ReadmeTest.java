package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every piece of Java in the README compiles and runs. */
class ReadmeTest {
    private static final Pattern PIECE =
            Pattern.compile("^```java(?: (\\d+))?\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    @Test
    void everyPieceRuns(@TempDir Path folder) throws Exception {
        // Maven runs tests in the folder of the project.
        String readme = Files.readString(Path.of("README.md"));
        StringBuilder source = new StringBuilder("""
                import dev.libmona.*;
                import java.time.*;
                import java.util.*;
                import java.util.concurrent.*;
                public class Readme {
                """);
        List<String> calls = new ArrayList<>();
        for (var piece = PIECE.matcher(readme); piece.find();) {
            if (piece.group(1) == null || Runtime.version().feature() >= Integer.parseInt(piece.group(1))) {
                String name = "piece" + calls.size();
                source.append("static void ").append(name).append("() throws Exception {\n").append(piece.group(2))
                        .append("}\n");
                calls.add(name + "();");
            }
        }
        assertTrue(calls.size() > 8);
        source.append("public static void main(String[] arguments) throws Exception { ").append(String.join(" ", calls))
                .append(" System.exit(0); }\n}\n");
        Path file = Files.writeString(folder.resolve("Readme.java"), source);
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-cp", Child.jar(), "-d",
                folder.toString(), file.toString()));
        var ended = Child.run(Map.of("MONA_ENDPOINT", "memory:"),
                List.of("-cp", Child.jar() + File.pathSeparator + folder, "Readme"));
        assertEquals(0, ended.status(), ended.err());
        assertTrue(ended.out().contains("JSON\n"), ended.out());
        assertTrue(ended.out().contains("{\"user_id\":\"EMPTY\","), ended.out());
    }
}
