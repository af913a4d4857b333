// The service worker's part of files that are open: it asks the page that has
// the file, and passes on what it says. Nothing is kept.

type Open = { size: number; type: string; name: string; save: boolean };
const PIECE = 2 << 20, WAIT = 60_000;

function ask<T>(page: Client, what: object): Promise<T | null> {
  return new Promise((good) => {
    const c = new MessageChannel(), late = setTimeout(() => good(null), WAIT);
    c.port1.onmessage = (e) => { clearTimeout(late); c.port1.close(); good(e.data); };
    page.postMessage(what, [c.port2]);
  });
}

// holder is the page that knows the address.
async function holder(sw: ServiceWorkerGlobalScope, e: FetchEvent, token: string): Promise<[Client, Open] | null> {
  const asker = e.clientId ? await sw.clients.get(e.clientId) : undefined;
  for (const page of asker ? [asker] : await sw.clients.matchAll({ type: "window" })) {
    const open = await ask<Open>(page, { open: token });
    if (open) return [page, open];
  }
  return null;
}

// A file that is saved goes from its beginning to its end. What is shown comes
// in pieces: whatever shows it asks for the next when it needs it.
export async function opened(sw: ServiceWorkerGlobalScope, e: FetchEvent, token: string): Promise<Response> {
  const found = await holder(sw, e, token);
  if (!found) return new Response("There is no such file.", { status: 404, headers: { "Content-Type": "text/plain" } });
  const [page, o] = found, asked = /^bytes=(\d+)-(\d*)$/.exec(e.request.headers.get("Range") ?? "");
  const head: Record<string, string> = { "Content-Type": o.type, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store", "Accept-Ranges": "bytes",
    "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp", "Content-Disposition": (o.save ? "attachment" : "inline") + "; filename*=UTF-8''" + encodeURIComponent(o.name).replace(/['()*]/g, (c) => "%" + c.charCodeAt(0).toString(16)) };
  const part = (at: number, length: number) => ask<Uint8Array<ArrayBuffer>>(page, { open: token, at, length });
  if (asked && !o.save) {
    const from = Number(asked[1]), to = Math.min(asked[2] ? Number(asked[2]) : o.size - 1, from + PIECE - 1, o.size - 1);
    if (from > to) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${o.size}` } });
    const b = await part(from, to - from + 1);
    return b ? new Response(b, { status: 206, headers: { ...head, "Content-Range": `bytes ${from}-${to}/${o.size}`, "Content-Length": String(b.length) } }) : Response.error();
  }
  let at = 0, over = () => {};
  e.waitUntil(new Promise<void>((good) => { over = good; }));
  const body = new ReadableStream<Uint8Array>({
    async pull(c) {
      if (at >= o.size) { c.close(); return over(); }
      const b = await part(at, Math.min(PIECE, o.size - at));
      if (!b?.length) { c.error(new Error("the page is gone")); return over(); }
      at += b.length;
      c.enqueue(b);
    },
    cancel: () => over(),
  }, { highWaterMark: 1 });
  return new Response(body, { headers: { ...head, "Content-Length": String(o.size) } });
}
