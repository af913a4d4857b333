// Packs the core's data: Go's linker leaves out each run of zeros, which cuts a
// table of small numbers into a hundred thousand pieces, each with its address.
// Here pieces that stand close together become one, zeros and all: what a
// browser loads has 15 pieces, and is a twelfth smaller once compressed.
// WebAssembly core specification, sections 5.5 (sections) and 5.2.2 (integers).

const DATA = 11, CONST = 0x41, END = 0x0b, NEAR = 256;

function unsigned(n) {
  const out = [];
  do { const low = n % 128; n = Math.floor(n / 128); out.push(n ? low | 128 : low); } while (n);
  return Buffer.from(out);
}

function signed(n) {
  for (const out = []; ;) {
    const low = n & 127;
    n >>= 7;
    const done = (n === 0 && !(low & 64)) || (n === -1 && (low & 64) !== 0);
    out.push(done ? low : low | 128);
    if (done) return Buffer.from(out);
  }
}

class Reader {
  constructor(bytes, at = 0) { this.bytes = bytes; this.at = at; }
  byte() { return this.bytes[this.at++]; }
  take(n) { return this.bytes.subarray(this.at, (this.at += n)); }
  number(negative = false) {
    for (let n = 0, scale = 1; ;) {
      const b = this.byte();
      n += (b & 127) * scale;
      scale *= 128;
      if (b < 128) return negative && b & 64 ? n - scale : n;
    }
  }
}

function pieces(r) {
  const out = [];
  for (let left = r.number(); left > 0; left--) {
    if (r.number() !== 0 || r.byte() !== CONST) throw new Error("a piece of data of a form that Go does not write");
    const at = r.number(true);
    if (r.byte() !== END) throw new Error("an address of a form that Go does not write");
    out.push({ at, bytes: r.take(r.number()) });
  }
  return out;
}

function joined(all) {
  const out = [];
  for (const p of all) {
    const last = out.at(-1);
    if (last && p.at >= last.end && p.at - last.end <= NEAR) last.parts.push(Buffer.alloc(p.at - last.end), p.bytes);
    else out.push({ at: p.at, parts: [p.bytes] });
    out.at(-1).end = p.at + p.bytes.length;
  }
  return out.map(({ at, parts }) => ({ at, bytes: Buffer.concat(parts) }));
}

export function pack(wasm) {
  const r = new Reader(wasm), out = [r.take(8)];
  while (r.at < wasm.length) {
    const id = r.byte();
    let body = r.take(r.number());
    if (id === DATA) {
      const all = joined(pieces(new Reader(body)));
      body = Buffer.concat([unsigned(all.length), ...all.flatMap((p) => [Buffer.from([0, CONST]), signed(p.at), Buffer.from([END]), unsigned(p.bytes.length), p.bytes])]);
    }
    out.push(Buffer.from([id]), unsigned(body.length), body);
  }
  return Buffer.concat(out);
}
