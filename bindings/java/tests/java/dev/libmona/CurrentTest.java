package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The default client and contexts without blocks, in virtual machines of their own: there is one in a process. */
class CurrentTest {
    @Test
    void argumentsThatCloseWhatIsOpen() throws Exception {
        var ended = Child.run(Map.of("MONA_ENDPOINT", "memory:"),
                List.of("-cp", Child.jar() + File.pathSeparator + Child.tests(), Closing.class.getName()));
        assertEquals("NO_CONTEXT OK s r\n", ended.out(), ended.err());
    }

    @Test
    void oneDefaultClientWhoeverIsFirst() throws Exception {
        var ended = Child.run(Map.of("MONA_ENDPOINT", "memory:"),
                List.of("-cp", Child.jar() + File.pathSeparator + Child.tests(), TwoAtOnce.class.getName()));
        assertEquals("same\n", ended.out(), ended.err());
    }

    /** A client is made the default one while another thread asks for that. */
    public static final class TwoAtOnce {
        private TwoAtOnce() {}

        public static void main(String[] arguments) throws Exception {
            Client own = Client.create();
            Thread other = new Thread(own::makeDefault);
            Client seen;
            synchronized (Mona.class) {
                other.start();
                while (other.getState() != Thread.State.BLOCKED) {
                    Thread.sleep(1);
                }
                seen = Mona.client();
            }
            other.join();
            System.out.println(seen == Mona.client() ? "same" : "two");
        }
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
