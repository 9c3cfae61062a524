-- Where a KAPI is worst: segments of all dimensions, by how much they pull the mean of the class down.
-- Parameters: user, class, kapi, from, until, least (ARCs of a segment).
WITH
    (
        SELECT (avg(kapis[{kapi:String}]), count())
        FROM arcs FINAL
        WHERE user_id = {user:String} AND arc_class = {class:String} AND mapContains(kapis, {kapi:String})
            AND first_started BETWEEN {from:DateTime} - INTERVAL 1 DAY AND {until:DateTime} + INTERVAL 1 DAY
            AND started >= {from:DateTime} AND started < {until:DateTime}
    ) AS whole
SELECT
    dimension,
    segment,
    count() AS arcs,
    avg(value) AS mean,
    whole.1 AS mean_of_all,
    (mean - mean_of_all) * arcs / whole.2 AS pull
FROM
(
    SELECT kapis[{kapi:String}] AS value, dimensions
    FROM arcs FINAL
    WHERE user_id = {user:String} AND arc_class = {class:String} AND mapContains(kapis, {kapi:String})
        AND first_started BETWEEN {from:DateTime} - INTERVAL 1 DAY AND {until:DateTime} + INTERVAL 1 DAY
        AND started >= {from:DateTime} AND started < {until:DateTime}
)
ARRAY JOIN mapKeys(dimensions) AS dimension, mapValues(dimensions) AS segment
WHERE dimension != {kapi:String}
GROUP BY dimension, segment
HAVING arcs >= {least:UInt32}
ORDER BY pull, dimension, segment
LIMIT 20
SETTINGS do_not_merge_across_partitions_select_final = 1
