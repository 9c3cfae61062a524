-- The tables of ARCs. `arcs_queue` is what rows of the topic `arcs` are put into, one line of JSON each; two views take
-- them apart. kafka.sql has the same queue as a table that reads Kafka.
--
-- Versions of an ARC must meet in one partition and at one place of the order to replace each other, and a later version may
-- have another class and an earlier start. So both go by what the first version said: first_class, first_started and
-- first_closed never change. The last is the time of the assembler: starts are as users give them, and some of 1970 or of a
-- hundred weeks at once would be more partitions than an insert may have. Queries say FINAL, which reads one version of each
-- ARC; set do_not_merge_across_partitions_select_final = 1 with it.

CREATE TABLE IF NOT EXISTS arcs
(
    user_id       LowCardinality(String),
    first_class   LowCardinality(String),
    first_started DateTime64(9, 'UTC') CODEC(Delta, ZSTD),
    first_closed  DateTime('UTC') CODEC(Delta, ZSTD),
    arc_id        String,
    version       UInt32,
    arc_class     LowCardinality(String),
    started       DateTime64(9, 'UTC') CODEC(Delta, ZSTD),
    ended         DateTime64(9, 'UTC') CODEC(Delta, ZSTD),
    closed        DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    events        UInt32,
    main_events   UInt32,
    copies        UInt32,
    dropped       UInt32,
    left_out      UInt32,
    truncated     Array(LowCardinality(String)),
    globals       Array(LowCardinality(String)),
    -- Numbers, and true and false as 1 and 0.
    kapis         Map(LowCardinality(String), Float64),
    -- Texts of at most 100 bytes, whole numbers, true and false.
    dimensions    Map(LowCardinality(String), String),
    -- Everything, as JSON.
    fields        String CODEC(ZSTD),
    contexts      String CODEC(ZSTD),
    -- Classes that came late are not in the order.
    INDEX by_class arc_class TYPE set(100) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toMonday(first_closed)
ORDER BY (user_id, first_class, first_started, arc_id)
TTL first_closed + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

-- Sub-contexts, a row each. One that a later version does not have any more does not exist: contexts only come.
CREATE TABLE IF NOT EXISTS arc_contexts
(
    user_id       LowCardinality(String),
    first_started DateTime64(9, 'UTC') CODEC(Delta, ZSTD),
    first_closed  DateTime('UTC') CODEC(Delta, ZSTD),
    arc_id        String,
    context       String,
    version       UInt32,
    main_class    LowCardinality(String),
    arc_class     LowCardinality(String),
    position      UInt32,
    parent        UInt32,
    started       DateTime64(9, 'UTC') CODEC(Delta, ZSTD),
    ended         DateTime64(9, 'UTC') CODEC(Delta, ZSTD),
    events        UInt32,
    kapis         Map(LowCardinality(String), Float64),
    dimensions    Map(LowCardinality(String), String),
    fields        String CODEC(ZSTD),
    INDEX by_class arc_class TYPE set(100) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toMonday(first_closed)
ORDER BY (user_id, first_started, arc_id, context)
TTL first_closed + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS arcs_queue (line String) ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS arcs_in TO arcs AS
WITH
    JSONExtractKeysAndValuesRaw(line, 'fields') AS pairs,
    arrayFilter(pair -> match(pair.2, '^(-?[0-9]|true$|false$)'), pairs) AS numbers,
    arrayFilter(pair -> match(pair.2, '^("|true$|false$|-?[0-9]+$)') AND length(pair.2) <= 102, pairs) AS texts
SELECT
    JSONExtractString(line, 'user_id') AS user_id,
    JSONExtractString(line, 'first_class') AS first_class,
    fromUnixTimestamp64Nano(JSONExtractInt(line, 'first_started'), 'UTC') AS first_started,
    toDateTime(intDiv(JSONExtractInt(line, 'first_closed'), 1000000000), 'UTC') AS first_closed,
    JSONExtractString(line, 'arc_id') AS arc_id,
    JSONExtractUInt(line, 'version') AS version,
    JSONExtractString(line, 'arc_class') AS arc_class,
    fromUnixTimestamp64Nano(JSONExtractInt(line, 'started'), 'UTC') AS started,
    fromUnixTimestamp64Nano(JSONExtractInt(line, 'ended'), 'UTC') AS ended,
    fromUnixTimestamp64Nano(JSONExtractInt(line, 'closed'), 'UTC') AS closed,
    JSONExtractUInt(line, 'events') AS events,
    JSONExtractUInt(line, 'main_events') AS main_events,
    JSONExtractUInt(line, 'copies') AS copies,
    JSONExtractUInt(line, 'dropped') AS dropped,
    JSONExtractUInt(line, 'left_out') AS left_out,
    JSONExtract(line, 'truncated', 'Array(String)') AS truncated,
    JSONExtract(line, 'globals', 'Array(String)') AS globals,
    mapFromArrays(
        arrayMap(pair -> pair.1, numbers),
        arrayMap(pair -> multiIf(pair.2 = 'true', 1., pair.2 = 'false', 0., toFloat64OrZero(pair.2)), numbers)) AS kapis,
    mapFromArrays(
        arrayMap(pair -> pair.1, texts),
        arrayMap(pair -> if(startsWith(pair.2, '"'), JSONExtractString(pair.2), pair.2), texts)) AS dimensions,
    JSONExtractRaw(line, 'fields') AS fields,
    JSONExtractRaw(line, 'contexts') AS contexts
FROM arcs_queue;

CREATE MATERIALIZED VIEW IF NOT EXISTS arc_contexts_in TO arc_contexts AS
WITH
    JSONExtractKeysAndValuesRaw(one, 'fields') AS pairs,
    arrayFilter(pair -> match(pair.2, '^(-?[0-9]|true$|false$)'), pairs) AS numbers,
    arrayFilter(pair -> match(pair.2, '^("|true$|false$|-?[0-9]+$)') AND length(pair.2) <= 102, pairs) AS texts
SELECT
    JSONExtractString(line, 'user_id') AS user_id,
    fromUnixTimestamp64Nano(JSONExtractInt(line, 'first_started'), 'UTC') AS first_started,
    toDateTime(intDiv(JSONExtractInt(line, 'first_closed'), 1000000000), 'UTC') AS first_closed,
    JSONExtractString(line, 'arc_id') AS arc_id,
    JSONExtractString(one, 'context') AS context,
    JSONExtractUInt(line, 'version') AS version,
    JSONExtractString(line, 'arc_class') AS main_class,
    JSONExtractString(one, 'arc_class') AS arc_class,
    JSONExtractUInt(one, 'position') AS position,
    JSONExtractUInt(one, 'parent') AS parent,
    fromUnixTimestamp64Nano(JSONExtractInt(one, 'started'), 'UTC') AS started,
    fromUnixTimestamp64Nano(JSONExtractInt(one, 'ended'), 'UTC') AS ended,
    JSONExtractUInt(one, 'events') AS events,
    mapFromArrays(
        arrayMap(pair -> pair.1, numbers),
        arrayMap(pair -> multiIf(pair.2 = 'true', 1., pair.2 = 'false', 0., toFloat64OrZero(pair.2)), numbers)) AS kapis,
    mapFromArrays(
        arrayMap(pair -> pair.1, texts),
        arrayMap(pair -> if(startsWith(pair.2, '"'), JSONExtractString(pair.2), pair.2), texts)) AS dimensions,
    JSONExtractRaw(one, 'fields') AS fields
FROM (SELECT line, arrayJoin(JSONExtractArrayRaw(line, 'contexts')) AS one FROM arcs_queue);
