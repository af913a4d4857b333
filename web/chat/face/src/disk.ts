// The worker's database. It keeps records of which it knows their first sixteen
// bytes, their id, and nothing else: everything is sealed before it comes here.

const META = "meta", RECORD = "record", ID = 16;

function request<T>(r: IDBRequest<T>): Promise<T> {
  return new Promise((good, bad) => {
    r.onsuccess = () => good(r.result);
    r.onerror = () => bad(r.error);
  });
}

function done(tx: IDBTransaction): Promise<void> {
  return new Promise((good, bad) => {
    tx.oncomplete = () => good();
    tx.onabort = () => bad(tx.error ?? new Error("the browser did not store it: is the disk full?"));
  });
}

// unpack walks what packed on the other side: each record behind its length.
function* unpack(b: Uint8Array, from: number): Generator<Uint8Array> {
  const view = new DataView(b.buffer, b.byteOffset);
  while (from < b.length) {
    const n = view.getUint32(from, true);
    yield b.slice(from + 4, from + 4 + n);
    from += 4 + n;
  }
}

export class Disk {
  private opened: Promise<IDBDatabase> | undefined;
  constructor(private name: string) {}

  private db(): Promise<IDBDatabase> {
    this.opened ??= new Promise((good, bad) => {
      const r = indexedDB.open(this.name, 1);
      r.onupgradeneeded = () => { r.result.createObjectStore(META); r.result.createObjectStore(RECORD); };
      r.onsuccess = () => good(r.result);
      r.onerror = () => bad(r.error);
      r.onblocked = () => bad(new Error("another tab holds the database"));
    });
    return this.opened;
  }

  private async write(f: (tx: IDBTransaction) => void): Promise<void> {
    const tx = (await this.db()).transaction([META, RECORD], "readwrite", { durability: "strict" });
    f(tx);
    await done(tx);
  }

  async meta(): Promise<Uint8Array | null> {
    return (await request((await this.db()).transaction(META).objectStore(META).get(META))) ?? null;
  }

  replace(meta: Uint8Array, records: Uint8Array): Promise<void> {
    return this.write((tx) => {
      tx.objectStore(META).put(meta, META);
      const store = tx.objectStore(RECORD);
      store.clear();
      for (const r of unpack(records, 0)) store.put(r, r.slice(0, ID));
    });
  }

  async load(): Promise<Uint8Array> {
    const all: Uint8Array[] = await request((await this.db()).transaction(RECORD).objectStore(RECORD).getAll());
    const out = new Uint8Array(all.reduce((n, r) => n + 4 + r.length, 0)), view = new DataView(out.buffer);
    let at = 0;
    for (const r of all) {
      view.setUint32(at, r.length, true);
      out.set(r, at + 4);
      at += 4 + r.length;
    }
    return out;
  }

  commit(removed: number, b: Uint8Array): Promise<void> {
    return this.write((tx) => {
      const store = tx.objectStore(RECORD);
      for (let i = 0; i < removed; i++) store.delete(b.slice(i * ID, (i + 1) * ID));
      for (const r of unpack(b, removed * ID)) store.put(r, r.slice(0, ID));
    });
  }

  async drop(): Promise<void> {
    (await this.db()).close();
    this.opened = undefined;
    await request(indexedDB.deleteDatabase(this.name));
  }
}
