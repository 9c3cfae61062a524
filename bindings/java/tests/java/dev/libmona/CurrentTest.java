package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Contexts without blocks, in a virtual machine of its own: they are of the default client. */
class CurrentTest {
    @Test
    void argumentsThatCloseWhatIsOpen() throws Exception {
        var ended = Child.run(Map.of("MONA_ENDPOINT", "memory:"),
                List.of("-cp", Child.jar() + File.pathSeparator + Child.tests(), Closing.class.getName()));
        assertEquals("NO_CONTEXT OK s r\n", ended.out(), ended.err());
    }

    /** Classes and timestamps are of any kind, and so run code of the program: this one closes a context. */
    public static final class Closing extends AbstractMap<String, Object> {
        private final Context run;

        private Closing(Context run) {
            this.run = run;
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            run.close();
            return Set.of();
        }

        public static void main(String[] arguments) {
            Status sub = Current.openSub(new Closing(Mona.context("a")), null).status();
            Status opened = Current.open(null, "s", new Closing(Mona.context("a"))).status();
            String id = Mona.id();
            Current.reset();
            try (var next = Mona.context(null, "r")) {
                System.out.println(sub + " " + opened + " " + id + " " + next.id());
            }
        }
    }
}
