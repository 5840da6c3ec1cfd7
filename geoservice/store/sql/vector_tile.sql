-- One tile. Borders are thinned by less than half of what a tile can tell apart before they are projected: that is most of the
-- work of a tile that shows a whole city.
SELECT ST_AsMVT(t, %(layer)s, %(extent)s, 'shape', 'id') FROM (
    SELECT {key} AS id,
           ST_AsMVTGeom(ST_Transform(
               CASE WHEN ST_NPoints({shape}) > 8 THEN ST_Simplify({shape}, %(tolerance)s, true) ELSE {shape} END, 3857),
               ST_TileEnvelope(%(zoom)s, %(column)s, %(row)s), %(extent)s, %(buffer)s) AS shape,
           {columns}
    FROM {rows}
    WHERE {shape} && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AND ({conditions})
) t WHERE shape IS NOT NULL
