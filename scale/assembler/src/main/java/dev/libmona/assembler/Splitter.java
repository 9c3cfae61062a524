package dev.libmona.assembler;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Sorts the events of one record by ARC and hands them on, one record for each partition that has some: the cost of Kafka
 * is that of a record and not that of an event.
 *
 * <p>The key of what it forwards is the partition; null for a dead letter. A batch is a version, the partition that it came
 * from, and sections, each behind the key of its ARC.
 */
final class Splitter implements Processor<byte[], byte[], Integer, byte[]> {
    static final int VERSION = 1;
    /** Bytes of tags and lengths around the log records of a dead letter, and of the last of them. */
    private static final int AROUND = 64;

    private final Settings settings;
    private final Counters counters;
    private final MessageDigest sha256 = sha256();
    private final Otlp otlp = new Otlp();
    private final EventId id = new EventId();
    private final List<Section> sections = new ArrayList<>();
    private final Map<Name, Section> open = new HashMap<>();
    private final Name wanted = new Name();
    private final Out strangers = new Out(256);
    /** Where the log records lie that are none of ours, and those too large for us. */
    private final List<int[]> others = new ArrayList<>();
    private final List<int[]> large = new ArrayList<>();
    private final Out scratch = new Out(256);
    private final Out[] batches;
    private ProcessorContext<Integer, byte[]> context;
    private int used;
    private Section last;
    private long events;
    private long strays;
    private long untimely;

    Splitter(Settings settings, Counters counters) {
        this.settings = settings;
        this.counters = counters;
        batches = new Out[settings.partitions];
        for (int at = 0; at < batches.length; at++) {
            batches[at] = new Out(1 << 12);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void init(ProcessorContext<Integer, byte[]> context) {
        this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        begin();
        counters.records.increment();
        if (record.value() == null) {
            dead(record, new byte[0], "no value");
            return;
        }
        try {
            otlp.read(record.value(), this::take);
        } catch (Malformed malformed) {
            counters.unreadable.increment();
            dead(record, record.value(), malformed.getMessage());
            return;
        }
        counters.events.add(events);
        counters.strays.add(strays);
        counters.untimely.add(untimely);
        send(record);
        counters.strangers.add(others.size() + large.size());
        letters(record, others, "no message with fields");
        letters(record, large, "a message larger than max.batch");
    }

    private void begin() {
        // What one record needed is not kept for all that follow.
        for (int at = 0; at < used; at++) {
            sections.get(at).clear();
        }
        used = 0;
        open.clear();
        last = null;
        others.clear();
        large.clear();
        events = strays = untimely = 0;
    }

    private void take(Otlp event) {
        if (!event.message.present || event.message.length() > settings.maxBatch) {
            (event.message.present ? large : others).add(new int[] {event.from, event.to});
            return;
        }
        events++;
        untimely += event.untimely ? 1 : 0;
        id.present = false;
        // An empty one says nothing: two events with it are no copies of each other.
        event.eventId.present &= event.eventId.length() > 0;
        if (event.eventId.present) {
            id.read(event.bytes, event.eventId.from, event.eventId.to, sha256);
        }
        byte[] user = event.user.text || !event.user.present ? event.bytes : Json.of(event.bytes, event.user);
        int userFrom = event.user.text ? event.user.from : 0;
        int userTo = event.user.text ? event.user.to : event.user.present ? user.length : 0;
        if (userTo - userFrom > Names.MAX_TEXT) {
            user = Names.shortened(user, userFrom, userTo, Names.MAX_TEXT).getBytes(StandardCharsets.UTF_8);
            userFrom = 0;
            userTo = user.length;
        }
        byte[] full = event.bytes;
        int from = event.context.from;
        int to = event.context.to;
        if (!event.context.present || from == to) {
            strays++;
            full = fresh(event);
            from = 0;
            to = full.length;
        } else if (to - from > Names.MAX_CONTEXT) {
            full = Names.shortened(full, from, to, Names.MAX_CONTEXT).getBytes(StandardCharsets.UTF_8);
            from = 0;
            to = full.length;
        }
        int dot = from;
        while (dot < to && full[dot] != '.') {
            dot++;
        }
        if (last == null || user != event.bytes || full != event.bytes
                || !last.is(event.bytes, userFrom, userTo, from, dot)) {
            last = section(user, userFrom, userTo, full, from, dot);
        } else if (last.bytes() > settings.maxBatch / 2) {
            open.remove(wanted.set(user, userFrom, userTo, full, from, dot));
            last = section(user, userFrom, userTo, full, from, dot);
        }
        last.add(event, id, full, dot, to);
    }

    /** An event without a context is an ARC of its own: by its id, else by its place, so that it is the same if it is read again. */
    private byte[] fresh(Otlp event) {
        if (event.eventId.present) {
            byte[] text = Arrays.copyOfRange(event.bytes, event.eventId.from, event.eventId.to);
            for (int at = 0; at < text.length; at++) {
                text[at] = text[at] == '.' ? (byte) '_' : text[at];
            }
            return text.length <= Names.MAX_CONTEXT ? text
                    : Names.shortened(text, 0, text.length, Names.MAX_CONTEXT).getBytes(StandardCharsets.UTF_8);
        }
        RecordMetadata place = context.recordMetadata().orElseThrow();
        String name = place.topic().replace('.', '_') + '-' + place.partition() + '-' + place.offset() + '-' + events;
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private Section section(byte[] user, int userFrom, int userTo, byte[] full, int from, int dot) {
        Section known = open.get(wanted.set(user, userFrom, userTo, full, from, dot));
        if (known != null && known.bytes() <= settings.maxBatch / 2) {
            return known;
        }
        if (used == sections.size()) {
            sections.add(new Section(scratch));
        }
        Section section = sections.get(used++);
        Name name = wanted.copy();
        section.begin(name.user, name.arc);
        open.put(name, section);
        return section;
    }

    private void send(Record<byte[], byte[]> record) {
        int from = context.recordMetadata().map(RecordMetadata::partition).orElse(0);
        for (int at = 0; at < used; at++) {
            Section section = sections.get(at);
            Key key = section.key(sha256);
            int partition = key.partition(batches.length);
            Out batch = batches[partition];
            if (batch.length > 0 && batch.length + section.bytes() > settings.maxBatch) {
                flush(record, partition);
            }
            if (batch.length == 0) {
                batch.put(VERSION).varint(from);
            }
            batch.fixed(key.high()).fixed(key.low());
            section.write(batch);
        }
        for (int partition = 0; partition < batches.length; partition++) {
            flush(record, partition);
        }
        // A record of a thousand ARCs shall not keep its memory for ever.
        if (sections.size() > 4096) {
            sections.subList(4096, sections.size()).clear();
        }
    }

    private void flush(Record<byte[], byte[]> record, int partition) {
        Out batch = batches[partition];
        if (batch.length > 0) {
            context.forward(new Record<>(partition, batch.copy(), record.timestamp()));
            batch.clear();
        }
    }

    /** Log records that are not handed on, as many in a letter as it may have: only one that is larger by itself is cut. */
    private void letters(Record<byte[], byte[]> record, List<int[]> which, String reason) {
        strangers.clear();
        for (int[] one : which) {
            int length = one[1] - one[0];
            if (strangers.length > 0 && strangers.length + length > settings.maxBatch - AROUND) {
                dead(record, wrapped(), reason);
                strangers.clear();
            }
            strangers.put(2 << 3 | 2).text(record.value(), one[0], length);
        }
        if (strangers.length > 0) {
            dead(record, wrapped(), reason);
        }
    }

    /** What is in `strangers`, as a request of OTLP. */
    private byte[] wrapped() {
        Out scope = new Out(strangers.length + 16).put(2 << 3 | 2).text(strangers.bytes, 0, strangers.length);
        return new Out(scope.length + 16).put(1 << 3 | 2).text(scope.bytes, 0, scope.length).copy();
    }

    private void dead(Record<byte[], byte[]> record, byte[] value, String reason) {
        counters.dead.increment();
        Headers headers = new RecordHeaders();
        headers.add("mona.reason", reason.getBytes(StandardCharsets.UTF_8));
        context.recordMetadata().ifPresent(place -> {
            String text = place.topic() + '-' + place.partition() + '-' + place.offset();
            headers.add("mona.from", text.getBytes(StandardCharsets.UTF_8));
        });
        if (value.length > settings.maxBatch) {
            headers.add("mona.cut", Integer.toString(value.length).getBytes(StandardCharsets.UTF_8));
            value = Arrays.copyOf(value, settings.maxBatch);
        }
        context.forward(new Record<>(null, value, record.timestamp(), headers));
    }

    /** User and ARC, to be looked up where they lie. */
    private static final class Name {
        byte[] user;
        byte[] arc;
        int userFrom;
        int userTo;
        int arcFrom;
        int arcTo;

        Name set(byte[] user, int userFrom, int userTo, byte[] arc, int arcFrom, int arcTo) {
            this.user = user;
            this.userFrom = userFrom;
            this.userTo = userTo;
            this.arc = arc;
            this.arcFrom = arcFrom;
            this.arcTo = arcTo;
            return this;
        }

        Name copy() {
            byte[] ownUser = Arrays.copyOfRange(user, userFrom, userTo);
            byte[] ownArc = Arrays.copyOfRange(arc, arcFrom, arcTo);
            return new Name().set(ownUser, 0, ownUser.length, ownArc, 0, ownArc.length);
        }

        @Override
        public int hashCode() {
            int sum = userTo - userFrom;
            for (int at = arcFrom; at < arcTo; at++) {
                sum = sum * 31 + arc[at];
            }
            return sum;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Name name
                    && Arrays.equals(arc, arcFrom, arcTo, name.arc, name.arcFrom, name.arcTo)
                    && Arrays.equals(user, userFrom, userTo, name.user, name.userFrom, name.userTo);
        }
    }
}
