/* Reads a vector tile (Mapbox Vector Tile 2.1) of one layer: its extent, and features as {id, parts, tags}.
 *
 * A part is a ring or a line as flat whole numbers x, y, x, y …; a ring is left open. */
"use strict";

const VectorTile = (() => {
  const words = new TextDecoder();
  const [MOVE, LINE] = [1, 2];

  class Reader {
    constructor(bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.at = 0;
    }

    get more() { return this.at < this.bytes.length; }

    varint() {
      let value = 0;
      let unit = 1;
      let byte;
      do {
        byte = this.bytes[this.at];
        this.at += 1;
        value += (byte & 127) * unit;
        unit *= 128;
      } while (byte > 127);
      return value;
    }

    zigzag() {
      const value = this.varint();
      return value % 2 ? -(value + 1) / 2 : value / 2;
    }

    piece() {
      const length = this.varint();
      this.at += length;
      return new Reader(this.bytes.subarray(this.at - length, this.at));
    }

    /* Each field by its number; what nobody reads is passed over. */
    fields(readers) {
      while (this.more) {
        const key = this.varint();
        const read = readers[key >> 3];
        if (read) read(this);
        else this.skip(key & 7);
      }
    }

    skip(type) {
      if (type === 0) this.varint();
      else if (type === 2) this.piece();
      else this.at += type === 1 ? 8 : 4;
    }
  }

  const text = (reader) => words.decode(reader.piece().bytes);
  const step = (reader, length) => {
    reader.at += length;
    return reader.at - length;
  };

  const valueOf = (reader) => {
    let value = null;
    reader.fields({
      1: (one) => { value = text(one); },
      2: (one) => { value = one.view.getFloat32(step(one, 4), true); },
      3: (one) => { value = one.view.getFloat64(step(one, 8), true); },
      4: (one) => { value = one.varint(); },
      5: (one) => { value = one.varint(); },
      6: (one) => { value = one.zigzag(); },
      7: (one) => { value = Boolean(one.varint()); },
    });
    return value;
  };

  const partsOf = (reader) => {
    const parts = [];
    let part = null;
    let x = 0;
    let y = 0;
    while (reader.more) {
      const command = reader.varint();
      const kind = command & 7;
      if (kind !== MOVE && kind !== LINE) continue;
      for (let left = command >> 3; left > 0; left -= 1) {
        x += reader.zigzag();
        y += reader.zigzag();
        if (kind === MOVE) parts.push(part = []);
        part.push(x, y);
      }
    }
    return parts;
  };

  const featureOf = (reader) => {
    const feature = { id: 0, parts: [], numbers: [] };
    reader.fields({
      1: (one) => { feature.id = one.varint(); },
      2: (one) => {
        const numbers = one.piece();
        while (numbers.more) feature.numbers.push(numbers.varint());
      },
      4: (one) => { feature.parts = partsOf(one.piece()); },
    });
    return feature;
  };

  const tagged = ({ id, parts, numbers }, keys, values) => {
    const tags = {};
    for (let at = 0; at < numbers.length; at += 2) tags[keys[numbers[at]]] = values[numbers[at + 1]];
    return { id, parts, tags };
  };

  const layerOf = (reader) => {
    const keys = [];
    const values = [];
    const features = [];
    let extent = 4096;
    reader.fields({
      2: (one) => features.push(featureOf(one.piece())),
      3: (one) => keys.push(text(one)),
      4: (one) => values.push(valueOf(one.piece())),
      5: (one) => { extent = one.varint(); },
    });
    return { extent, features: features.map((feature) => tagged(feature, keys, values)) };
  };

  const read = (buffer) => {
    let found = { extent: 4096, features: [] };
    new Reader(new Uint8Array(buffer)).fields({ 3: (one) => { found = layerOf(one.piece()); } });
    return found;
  };

  return { read };
})();
