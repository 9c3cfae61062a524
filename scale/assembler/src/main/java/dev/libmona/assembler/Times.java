package dev.libmona.assembler;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/** The time of a record in Kafka, which only says how far behind we are: one without is of now, and stops nothing. */
final class Times implements TimestampExtractor {
    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        return record.timestamp() < 0 ? System.currentTimeMillis() : record.timestamp();
    }
}
