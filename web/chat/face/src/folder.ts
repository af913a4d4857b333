// Where sealed files lie: the origin's private file system. Names are the
// numbers of blobs, and what is in them was sealed before it came here.

const OPEN = 8; // handles that are kept

export class Folder {
  private handles = new Map<string, FileSystemSyncAccessHandle>();
  private last: Promise<unknown> = Promise.resolve();
  constructor(private db: string) {}

  private folder = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(this.db + "-files", { create: true });

  // inTurn lets nobody close a handle that somebody else reads from.
  private inTurn<T>(f: () => Promise<T>): Promise<T> {
    const next = this.last.then(f, f);
    this.last = next.catch(() => {});
    return next;
  }

  private async handle(name: string, create: boolean): Promise<FileSystemSyncAccessHandle | null> {
    let h = this.handles.get(name);
    if (h) this.handles.delete(name);
    else {
      const file = await (await this.folder()).getFileHandle(name, { create }).catch((e) => { if (!create && e?.name === "NotFoundError") return null; throw e; });
      if (!file) return null;
      h = await opened(file);
    }
    this.handles.set(name, h);
    for (const [n, old] of this.handles) if (this.handles.size > OPEN) { old.close(); this.handles.delete(n); }
    return h;
  }

  put = (name: string, b: Uint8Array<ArrayBuffer>, at: number) => this.inTurn(async () => {
    const h = (await this.handle(name, true))!;
    if (at > h.getSize()) throw new Error("a gap in a file");
    if (h.write(b, { at }) !== b.length) throw new Error("the disk is full");
    h.flush();
  });

  read = (name: string, length: number, at: number) => this.inTurn(async () => {
    const h = await this.handle(name, false), b = new Uint8Array(length);
    return h ? b.subarray(0, h.read(b, { at })) : b.subarray(0, 0);
  });

  size = (name: string) => this.inTurn(async () => (await this.handle(name, false))?.getSize() ?? 0);

  private shut(name: string) { this.handles.get(name)?.close(); this.handles.delete(name); }

  remove = (name: string) => this.inTurn(async () => {
    this.shut(name);
    await (await this.folder()).removeEntry(name).catch((e) => { if (e?.name !== "NotFoundError") throw e; });
  });

  names = () => this.inTurn(async () => {
    const out: string[] = [];
    for await (const n of (await this.folder()).keys()) out.push(n);
    return out;
  });

  drop = () => this.inTurn(async () => {
    for (const n of [...this.handles.keys()]) this.shut(n);
    await (await navigator.storage.getDirectory()).removeEntry(this.db + "-files", { recursive: true }).catch((e) => { if (e?.name !== "NotFoundError") throw e; });
  });
}

// opened waits for a worker that has just ended to let go of the file.
async function opened(file: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  for (let tries = 0; ; tries++) {
    try { return await file.createSyncAccessHandle(); } catch (e) {
      if (tries === 30 || (e as DOMException).name !== "NoModificationAllowedError") throw e;
      await new Promise((again) => setTimeout(again, 100));
    }
  }
}
