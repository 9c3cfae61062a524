package dev.libmona.assembler;

import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The configuration of Kafka Streams. */
final class Config {
    /** How old a folder of state may be that is gone on with: 1 hour. See changeLog in Shape. */
    static final long MAX_AGE = 3_600_000;

    private Config() {}

    static Properties of(Settings settings) {
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.application);
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, settings.servers);
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads);
        config.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory);
        config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) settings.replication);
        config.put(StreamsConfig.STATE_CLEANUP_DIR_MAX_AGE_MS_CONFIG, MAX_AGE);
        config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, Buffers.class);
        config.put(Buffers.CACHE, settings.storeCache);
        config.put(Buffers.WRITES, settings.storeBuffers);
        // A transaction costs the same whatever is in it. ARCs wait for a minute: a second more is nothing.
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1_000);
        // Ten seconds are the default, and a busy machine or a broker that is started again takes them; what is taken back is
        // done again and costs more than it waits.
        config.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 60_000);
        // We keep no cache of Kafka Streams.
        config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        // Records are large: a thousand of them, as is the default, are a gigabyte for each partition.
        config.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 16);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 64);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 8 << 20);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 1 << 20);
        config.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        // Our own records are at most max.batch and max.row, and a little more.
        int largest = Math.max(1 << 20, 2 * Math.max(settings.maxBatch, settings.maxRow));
        config.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), largest);
        config.put(StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), Integer.toString(largest));
        config.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 50);
        config.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 128 << 10);
        config.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        settings.kafka.forEach(config::put);
        return config;
    }
}
