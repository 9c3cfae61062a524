package dev.libmona.assembler;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One ARC as a line of JSON; times are nanoseconds since 1970, as numbers. */
final class Row {
    private final Settings settings;
    private final Out out = new Out(1 << 12);
    /** Values and contexts for which there was no room in the row. */
    int leftOut;
    /** Names of the globals among the fields that are in the row, and their bytes: they are in it once more. */
    private final List<String> globals = new ArrayList<>();
    private int named;

    Row(Settings settings) {
        this.settings = settings;
    }

    /** `reasons` says what is not whole; more may come to it here. */
    byte[] write(Events events, Merge merge, Head head, long now, Set<String> reasons) {
        out.clear();
        leftOut = merge.homeless;
        Set<String> truncated = new LinkedHashSet<>(reasons);
        if (merge.homeless > 0) {
            truncated.add("contexts");
        }
        Merge.Context main = merge.main();
        out.put('{');
        name("user_id");
        Json.string(out, events.user, 0, events.user.length);
        comma("arc_id");
        Json.string(out, events.arc, 0, events.arc.length);
        comma("arc_class");
        Json.string(out, main.arcClass == null ? "" : main.arcClass);
        number("version", head.version);
        number("started", main.first);
        number("ended", main.last);
        number("events", events.list.size());
        number("main_events", main.events);
        number("copies", events.copies);
        number("dropped", head.dropped);
        number("first_started", head.firstStarted);
        comma("first_class");
        Json.string(out, head.firstClass);
        number("first_closed", head.firstClosed * 1_000_000);
        number("closed", now * 1_000_000);
        comma("fields");
        fields(main.fields);
        comma("globals");
        list(globals);
        globals.clear();
        named = 0;
        comma("contexts");
        contexts(events, merge);
        if (leftOut > merge.homeless) {
            truncated.add("fields");
        }
        number("left_out", leftOut);
        comma("truncated");
        list(truncated);
        out.put('}');
        return out.copy();
    }

    private void name(String name) {
        Json.string(out, name);
        out.put(':');
    }

    private void comma(String name) {
        out.put(',');
        name(name);
    }

    private void number(String name, long number) {
        comma(name);
        Json.number(out, number);
    }

    private void list(Iterable<String> names) {
        out.put('[');
        int before = out.length;
        for (String name : names) {
            if (out.length > before) {
                out.put(',');
            }
            Json.string(out, name);
        }
        out.put(']');
    }

    private void fields(Fields fields) {
        leftOut += fields.leftOut;
        out.put('{');
        int before = out.length;
        for (Map.Entry<String, Fields.Slot> field : fields.slots().entrySet()) {
            int start = out.length;
            if (start > before) {
                out.put(',');
            }
            int nameFrom = out.length;
            Json.string(out, field.getKey());
            Fields.Slot slot = field.getValue();
            int again = slot.global() ? out.length - nameFrom + 1 : 0;
            out.put(':');
            Json.cell(out, slot.bytes(), slot.from(), slot.to());
            if (out.length + named + again > settings.maxRow) {
                out.length = start;
                leftOut++;
            } else if (slot.global()) {
                named += again;
                globals.add(field.getKey());
            }
        }
        out.put('}');
    }

    /** The sub-contexts, in the order of their first events. */
    private void contexts(Events events, Merge merge) {
        out.put('[');
        int before = out.length;
        for (Merge.Context context : merge.contexts.subList(1, merge.contexts.size())) {
            if (out.length > settings.maxRow) {
                leftOut++;
                continue;
            }
            if (out.length > before) {
                out.put(',');
            }
            out.put('{');
            name("context");
            Json.string(out, In.string(events.arc, 0, events.arc.length) + context.suffix);
            comma("arc_class");
            Json.string(out, context.arcClass == null ? "" : context.arcClass);
            number("position", context.position);
            number("parent", context.parent);
            number("started", context.first);
            number("ended", context.last);
            number("events", context.events);
            comma("fields");
            fields(context.fields);
            out.put('}');
        }
        out.put(']');
    }
}
