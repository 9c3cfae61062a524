-- What there is: ARCs by class and time, what they had, and what the pipeline did to them.
-- Parameters: user, from, until, step (seconds).
SELECT
    toStartOfInterval(started, toIntervalSecond({step:UInt32})) AS time,
    arc_class,
    count() AS arcs,
    sum(events) AS events,
    avg(toFloat64(ended) - toFloat64(started)) AS seconds,
    countIf(version > 1) AS updated,
    sum(copies) AS copies,
    sum(dropped) AS dropped,
    countIf(notEmpty(truncated)) AS truncated
FROM arcs FINAL
WHERE user_id = {user:String}
    AND first_started BETWEEN {from:DateTime} - INTERVAL 1 DAY AND {until:DateTime} + INTERVAL 1 DAY
    AND started >= {from:DateTime} AND started < {until:DateTime}
GROUP BY time, arc_class
ORDER BY time, arcs DESC
SETTINGS do_not_merge_across_partitions_select_final = 1
