-- What changed: all KAPIs of a class in a span of time against the same span a week before, the most changed first.
-- Parameters: user, class, from, until. `ks` is the distance of Kolmogorov and Smirnov between the two: 0 for the same
-- distribution, 1 for nothing in common.
WITH started >= {from:DateTime} AS is_now
SELECT
    kapi,
    countIf(is_now) AS arcs,
    countIf(NOT is_now) AS arcs_before,
    avgIf(value, is_now) AS mean,
    avgIf(value, NOT is_now) AS mean_before,
    quantileTDigestIf(0.5)(value, is_now) AS median,
    quantileTDigestIf(0.5)(value, NOT is_now) AS median_before,
    kolmogorovSmirnovTest('two-sided', 'asymp')(value, toUInt8(is_now)).1 AS ks
FROM arcs FINAL
ARRAY JOIN mapKeys(kapis) AS kapi, mapValues(kapis) AS value
WHERE user_id = {user:String}
    AND arc_class = {class:String}
    AND first_started BETWEEN {from:DateTime} - INTERVAL 8 DAY AND {until:DateTime} + INTERVAL 1 DAY
    AND (started >= {from:DateTime} AND started < {until:DateTime}
        OR started >= {from:DateTime} - INTERVAL 7 DAY AND started < {until:DateTime} - INTERVAL 7 DAY)
GROUP BY kapi
HAVING arcs > 0 AND arcs_before > 0
ORDER BY ks DESC, kapi
SETTINGS do_not_merge_across_partitions_select_final = 1
