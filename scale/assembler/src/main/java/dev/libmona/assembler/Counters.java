package dev.libmona.assembler;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;

/**
 * What happened since the start of the process. A transaction that is taken back is not taken back here, so after a failure
 * these count some things twice; what is in the topics does not.
 */
final class Counters implements DynamicMBean {
    /** Records of the input topic. */
    final LongAdder records = new LongAdder();
    /** Events in them. */
    final LongAdder events = new LongAdder();
    /** Events without a context: ARCs of their own. */
    final LongAdder strays = new LongAdder();
    /** Log records without a message: not ours. */
    final LongAdder strangers = new LongAdder();
    /** Events with a time that is none. */
    final LongAdder untimely = new LongAdder();
    /** Records that are no OTLP. */
    final LongAdder unreadable = new LongAdder();
    /** Dead letters. */
    final LongAdder dead = new LongAdder();
    /** Rows sent, and those of them that are a first version and an update. */
    final LongAdder arcs = new LongAdder();
    final LongAdder updates = new LongAdder();
    /** Events in rows, each time they are in one. */
    final LongAdder merged = new LongAdder();
    /** Copies that were removed. */
    final LongAdder copies = new LongAdder();
    /** Events behind the horizon: sent to the topic of late ones. */
    final LongAdder late = new LongAdder();
    /** Events left out of ARCs that were full. */
    final LongAdder dropped = new LongAdder();
    /** Values and contexts without room in their row. */
    final LongAdder leftOut = new LongAdder();
    /** ARCs closed early as there were too many. */
    final LongAdder crowded = new LongAdder();
    /** ARCs that were forgotten before their time. */
    final LongAdder forgotten = new LongAdder();
    /** ARCs that are open now. */
    final LongAdder open = new LongAdder();
    /** Partitions in which closing waits for a backlog now. */
    final LongAdder held = new LongAdder();
    /** ARCs of which we know that they were. */
    final LongAdder closed = new LongAdder();

    Map<String, Long> all() {
        Map<String, Long> all = new LinkedHashMap<>();
        try {
            for (Field field : Counters.class.getDeclaredFields()) {
                if (field.getType() == LongAdder.class) {
                    all.put(field.getName(), ((LongAdder) field.get(this)).sum());
                }
            }
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
        return all;
    }

    @Override
    public Object getAttribute(String name) throws AttributeNotFoundException {
        Long count = all().get(name);
        if (count == null) {
            throw new AttributeNotFoundException(name);
        }
        return count;
    }

    @Override
    public AttributeList getAttributes(String[] names) {
        AttributeList list = new AttributeList();
        Map<String, Long> all = all();
        for (String name : names) {
            list.add(new Attribute(name, all.get(name)));
        }
        return list;
    }

    @Override
    public MBeanInfo getMBeanInfo() {
        List<MBeanAttributeInfo> attributes = new ArrayList<>();
        for (String name : all().keySet()) {
            attributes.add(new MBeanAttributeInfo(name, "long", name, true, false, false));
        }
        return new MBeanInfo(Counters.class.getName(), "what happened since the start",
                attributes.toArray(new MBeanAttributeInfo[0]), null, null, null);
    }

    @Override
    public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
        throw new AttributeNotFoundException(attribute.getName());
    }

    @Override
    public AttributeList setAttributes(AttributeList attributes) {
        return new AttributeList();
    }

    @Override
    public Object invoke(String action, Object[] parameters, String[] signature) {
        throw new UnsupportedOperationException(action);
    }
}
