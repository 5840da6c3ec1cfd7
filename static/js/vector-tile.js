/* Reads a vector tile (Mapbox Vector Tile 2.1) of one layer: its extent, and features as {id, parts, tags}.
 *
 * A part is a ring or a line as flat whole numbers x, y, x, y …; a ring is left open. The bytes are read by the library pbf; the
 * few lines of the format itself are ours: @mapbox/vector-tile comes as modules that name one another without addresses, so it
 * needs a build, and the frame's policy and opaque origin let no module in. */
"use strict";

const VectorTile = (() => {
  const [MOVE, LINE] = [1, 2];

  /* Each kind of message: field number → what is done with it. */
  const message = (readers) => (tag, found, bytes) => readers[tag]?.(found, bytes);

  const value = message({
    1: (found, bytes) => { found.is = bytes.readString(); },
    2: (found, bytes) => { found.is = bytes.readFloat(); },
    3: (found, bytes) => { found.is = bytes.readDouble(); },
    4: (found, bytes) => { found.is = bytes.readVarint(true); },
    5: (found, bytes) => { found.is = bytes.readVarint(); },
    6: (found, bytes) => { found.is = bytes.readSVarint(); },
    7: (found, bytes) => { found.is = bytes.readBoolean(); },
  });

  const partsOf = (bytes) => {
    const end = bytes.readVarint() + bytes.pos;
    const parts = [];
    let part = null;
    let x = 0;
    let y = 0;
    while (bytes.pos < end) {
      const command = bytes.readVarint();
      const kind = command & 7;
      if (kind !== MOVE && kind !== LINE) continue;
      for (let left = command >> 3; left > 0; left -= 1) {
        x += bytes.readSVarint();
        y += bytes.readSVarint();
        if (kind === MOVE) parts.push(part = []);
        part.push(x, y);
      }
    }
    return parts;
  };

  const feature = message({
    1: (found, bytes) => { found.id = bytes.readVarint(); },
    2: (found, bytes) => { bytes.readPackedVarint(found.numbers); },
    4: (found, bytes) => { found.parts = partsOf(bytes); },
  });

  const layer = message({
    2: ({ features }, bytes) => features.push(bytes.readMessage(feature, { id: 0, parts: [], numbers: [] })),
    3: ({ keys }, bytes) => keys.push(bytes.readString()),
    4: ({ values }, bytes) => values.push(bytes.readMessage(value, { is: null }).is),
    5: (found, bytes) => { found.extent = bytes.readVarint(); },
  });

  const tagged = ({ id, parts, numbers }, { keys, values }) => {
    const tags = {};
    for (let at = 0; at < numbers.length; at += 2) tags[keys[numbers[at]]] = values[numbers[at + 1]];
    return { id, parts, tags };
  };

  const tile = message({ 3: (found, bytes) => bytes.readMessage(layer, found) });

  const read = (buffer) => {
    const found = new Pbf(buffer).readFields(tile, { extent: 4096, keys: [], values: [], features: [] });
    return { extent: found.extent, features: found.features.map((one) => tagged(one, found)) };
  };

  return { read };
})();
