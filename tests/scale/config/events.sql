-- Raw events, one row each, copies removed by their id. What ARCs are made of; for dashboards there are the ARCs.
CREATE TABLE events
(
    event_id String,
    user_id LowCardinality(String),
    arc_id String,
    context String,
    time DateTime64(9, 'UTC'),
    message String CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY (user_id, arc_id, event_id);
