-- One tile: what its box touches, cut and packed. How a shape is projected is put in for the zoom.
SELECT ST_AsMVT(t, %(layer)s, %(extent)s, 'shape', 'id') FROM (
    SELECT {key} AS id, ST_AsMVTGeom({projected}, {bounds}, %(extent)s, %(buffer)s) AS shape, {columns}
    FROM {rows}
    WHERE {shape} && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AND ({conditions})
) t WHERE shape IS NOT NULL
