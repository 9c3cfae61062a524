package dev.libmona.assembler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for the topics of the input, and makes those of the output. */
final class Topics {
    private static final Logger LOG = LoggerFactory.getLogger("mona-assembler");
    /** Between two looks: whoever makes the topic does it once. */
    private static final long PAUSE = 2_000;

    private Topics() {}

    static void ensure(Settings settings) throws InterruptedException {
        Properties config = new Properties();
        config.put("bootstrap.servers", settings.servers);
        config.putAll(settings.kafka);
        try (Admin admin = Admin.create(config)) {
            for (long turn = 0; !isThere(admin, settings); turn++) {
                if (turn % 15 == 0) {
                    LOG.info("waiting for {} to have the topic {}", settings.servers, settings.input);
                }
                Thread.sleep(PAUSE);
            }
            if (settings.createTopics) {
                make(admin, settings);
            }
        }
    }

    private static boolean isThere(Admin admin, Settings settings) throws InterruptedException {
        try {
            Set<String> names = admin.listTopics().names().get();
            return names.containsAll(List.of(settings.input.split(" *, *")));
        } catch (ExecutionException failed) {
            LOG.info("asking for topics: {}", failed.getCause().toString());
            return false;
        }
    }

    private static void make(Admin admin, Settings settings) throws InterruptedException {
        List<NewTopic> topics = new ArrayList<>();
        String largest = Integer.toString(Math.max(1 << 20, 2 * Math.max(settings.maxBatch, settings.maxRow)));
        Optional<Short> replication = settings.replication < 0 ? Optional.empty() : Optional.of(settings.replication);
        for (String name : List.of(settings.arcs, settings.late, settings.dead)) {
            topics.add(new NewTopic(name, Optional.of(settings.outputPartitions), replication)
                    .configs(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, largest)));
        }
        for (Map.Entry<String, org.apache.kafka.common.KafkaFuture<Void>> made
                : admin.createTopics(topics).values().entrySet()) {
            try {
                made.getValue().get();
                LOG.info("made the topic {}", made.getKey());
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof TopicExistsException)) {
                    LOG.warn("topic {}: {}", made.getKey(), failed.getCause().toString());
                }
            }
        }
    }
}
