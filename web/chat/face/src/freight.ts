// How sealed files travel: to the origin that the page came from, no other. A
// transfer in which nothing moves is given up.

const STALL = 45_000, HEAD = 120_000;
const moving = new Set<() => void>();

// watch calls stop unless it is put off in time; it is over with end.
function watch(stop: () => void) {
  let timer: ReturnType<typeof setTimeout>;
  const put = (ms = STALL) => { clearTimeout(timer); timer = setTimeout(stop, ms); };
  moving.add(stop);
  put(HEAD);
  return { put, rest: () => clearTimeout(timer), end: () => { clearTimeout(timer); moving.delete(stop); } };
}

export const freight = {
  // put is not fetch, which does not say how far it is.
  put(path: string, auth: string, type: string, where: string, offset: number, piece: Uint8Array<ArrayBuffer>) {
    const x = new XMLHttpRequest(), stop = () => x.abort(), w = watch(stop);
    const done = new Promise((good, bad) => {
      x.open("PUT", path);
      x.responseType = "arraybuffer";
      for (const [k, v] of Object.entries({ Authorization: auth, "Content-Type": type, [where]: String(offset) })) x.setRequestHeader(k, v);
      x.upload.onprogress = () => w.put();
      x.upload.onload = () => w.put(HEAD);
      x.onload = () => good({ status: x.status, type: x.getResponseHeader("Content-Type") ?? "", body: new Uint8Array(x.response) });
      x.onerror = x.onabort = () => bad(new Error("the piece was not taken"));
      x.onloadend = () => w.end();
      x.send(piece);
    });
    return { done, stop };
  },

  get(path: string, auth: string, from: number) {
    const c = new AbortController(), stop = () => c.abort(), w = watch(stop);
    let body: ReadableStreamDefaultReader<Uint8Array> | undefined;
    const done = fetch(path, { headers: { Authorization: auth, Range: `bytes=${from}-` }, redirect: "error", credentials: "omit", cache: "no-store", signal: c.signal }).then(async (r) => {
      w.rest();
      if (r.status === 206) body = r.body!.getReader();
      return { status: r.status, type: r.headers.get("Content-Type") ?? "", range: r.headers.get("Content-Range") ?? "", body: r.status === 206 ? null : new Uint8Array(await r.arrayBuffer()) };
    }).finally(() => { if (!body) w.end(); });
    const next = async () => {
      w.put();
      try {
        const { done, value } = await body!.read();
        return done ? null : value;
      } finally { w.rest(); }
    };
    return { done, next, stop: () => { w.end(); stop(); } };
  },

  // cut ends what is on its way: the network is gone.
  cut() { for (const stop of [...moving]) stop(); },
};
