-- Exclusions that touch these zones on a day, cut to the zones' ground: what lies beyond is not this reader's.
SELECT e.id, e.kind, e.name, e.reason, ST_AsBinary(ST_Multi(ST_Union(cut.geom))) AS geom
FROM exclusion e
CROSS JOIN LATERAL (
    SELECT ST_CollectionExtract(ST_Intersection(e.geom, v.geom), 3) AS geom
    FROM zone_version v
    WHERE v.zone_id = ANY (:zones)
      AND daterange(v.valid_from, v.valid_to) @> cast(:on AS date)
      AND ST_Intersects(v.geom, e.geom)
) cut
WHERE daterange(e.valid_from, e.valid_to) @> cast(:on AS date)
  AND NOT ST_IsEmpty(cut.geom)
GROUP BY e.id
ORDER BY e.id
