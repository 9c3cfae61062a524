-- A KAPI over time by a dimension, with quantiles.
-- Parameters: user, class, kapi, dimension, from, until, step (seconds).
SELECT
    toStartOfInterval(started, toIntervalSecond({step:UInt32})) AS time,
    dimensions[{dimension:String}] AS segment,
    count() AS arcs,
    avg(kapis[{kapi:String}]) AS mean,
    quantilesTDigest(0.05, 0.5, 0.95)(kapis[{kapi:String}]) AS quantiles
FROM arcs FINAL
WHERE user_id = {user:String}
    AND arc_class = {class:String}
    -- Times of versions differ by no more than an ARC is long; this is what the order of the table knows of them.
    AND first_started BETWEEN {from:DateTime} - INTERVAL 1 DAY AND {until:DateTime} + INTERVAL 1 DAY
    AND started >= {from:DateTime} AND started < {until:DateTime}
    AND mapContains(kapis, {kapi:String})
GROUP BY time, segment
ORDER BY time, segment
SETTINGS do_not_merge_across_partitions_select_final = 1
