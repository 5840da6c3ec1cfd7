-- Follows ground_cells where there is one bucket only.
part AS (
    SELECT leaf_id, owner,
           sum(bit_count(bits)) AS cells,
           sum(CASE WHEN excluded IS NULL THEN 0 ELSE bit_count(bits & excluded) END) AS excluded,
           sum(CASE WHEN seen IS NULL THEN 0 ELSE bit_count(bits & seen) END) AS covered
    FROM (
        SELECT g.leaf_id, g.owner, g.bits << 0 AS bits, e.bits AS excluded, s.bits AS seen
        FROM ground g
        LEFT JOIN seen s ON s.tx = g.tx AND s.ty = g.ty
        LEFT JOIN excluded e ON e.tx = g.tx AND e.ty = g.ty
        OFFSET 0
    ) AS met
    GROUP BY leaf_id, owner
),
counted AS (
    SELECT owner, sum(cells) AS cells, sum(excluded) AS excluded, sum(covered) AS covered
    FROM (
        SELECT owner, cells, excluded, covered FROM part WHERE owner IS NOT NULL
        UNION ALL
        SELECT o.owner, p.cells, p.excluded, p.covered FROM ({owned}) AS o JOIN part p ON p.leaf_id = o.id
    ) AS every
    GROUP BY owner
)
