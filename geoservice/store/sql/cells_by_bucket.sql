-- Follows ground_cells where there are several buckets: bucket NULL has the cells and the excluded ones, the others what
-- was seen in each.
part AS (
    SELECT leaf_id, owner, NULL::int AS bucket,
           sum(bit_count(bits)) AS cells,
           sum(CASE WHEN excluded IS NULL THEN 0 ELSE bit_count(bits & excluded) END) AS excluded,
           0 AS covered
    FROM (
        SELECT g.leaf_id, g.owner, g.bits << 0 AS bits, e.bits AS excluded
        FROM ground g
        LEFT JOIN excluded e ON e.tx = g.tx AND e.ty = g.ty
        OFFSET 0
    ) AS met
    GROUP BY leaf_id, owner
    UNION ALL
    SELECT g.leaf_id, g.owner, s.bucket, 0, 0, sum(bit_count(g.bits & s.bits))
    FROM ground g
    JOIN seen s ON s.tx = g.tx AND s.ty = g.ty
    GROUP BY g.leaf_id, g.owner, s.bucket
),
counted AS (
    SELECT owner, bucket, sum(cells) AS cells, sum(excluded) AS excluded, sum(covered) AS covered
    FROM (
        SELECT owner, bucket, cells, excluded, covered FROM part WHERE owner IS NOT NULL
        UNION ALL
        SELECT o.owner, p.bucket, p.cells, p.excluded, p.covered
        FROM ({owned}) AS o JOIN part p ON p.leaf_id = o.id
    ) AS every
    GROUP BY owner, bucket
)
