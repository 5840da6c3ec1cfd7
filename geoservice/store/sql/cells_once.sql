-- Follows ground_cells where there is one bucket only.
part AS (
    SELECT g.leaf_id, g.owner,
           sum(bit_count(g.bits)) AS cells,
           sum(CASE WHEN e.bits IS NULL THEN 0 ELSE bit_count(g.bits & e.bits) END) AS excluded,
           sum(CASE WHEN s.bits IS NULL THEN 0 ELSE bit_count(g.bits & s.bits) END) AS covered
    FROM ground g
    LEFT JOIN seen s ON s.tx = g.tx AND s.ty = g.ty
    LEFT JOIN excluded e ON e.tx = g.tx AND e.ty = g.ty
    GROUP BY g.leaf_id, g.owner
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
