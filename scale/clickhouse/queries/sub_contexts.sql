-- A KAPI of sub-contexts by a dimension of their ARC.
-- Parameters: user, class (of the sub-contexts), kapi, dimension (of the ARC), from, until.
SELECT
    main.dimensions[{dimension:String}] AS segment,
    count() AS contexts,
    uniqExact(arc_id) AS arcs,
    avg(part.kapis[{kapi:String}]) AS mean,
    quantilesTDigest(0.05, 0.5, 0.95)(part.kapis[{kapi:String}]) AS quantiles
FROM
(
    SELECT user_id, arc_id, kapis FROM arc_contexts FINAL
    WHERE user_id = {user:String} AND arc_class = {class:String} AND mapContains(kapis, {kapi:String})
        AND first_started BETWEEN {from:DateTime} - INTERVAL 1 DAY AND {until:DateTime} + INTERVAL 1 DAY
) AS part
INNER JOIN
(
    SELECT user_id, arc_id, dimensions FROM arcs FINAL
    WHERE user_id = {user:String}
        AND first_started BETWEEN {from:DateTime} - INTERVAL 1 DAY AND {until:DateTime} + INTERVAL 1 DAY
        AND started >= {from:DateTime} AND started < {until:DateTime}
) AS main USING (user_id, arc_id)
GROUP BY segment
ORDER BY segment
SETTINGS do_not_merge_across_partitions_select_final = 1
