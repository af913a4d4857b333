// The worker's way to the carrier: the origin that the page came from, no other.

const TIME = 30_000;

export const net = {
  async call(path: string, auth: string, body: Uint8Array<ArrayBuffer> | null) {
    const headers: Record<string, string> = { "Content-Type": "application/cbor" };
    if (auth) headers.Authorization = auth;
    const r = await fetch(path, { method: body ? "POST" : "GET", headers: body ? headers : {}, body, redirect: "error", credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(TIME) });
    return { status: r.status, type: r.headers.get("Content-Type") ?? "", body: new Uint8Array(await r.arrayBuffer()) };
  },
  dial(path: string, protocol: string, offer: string, open: () => void, frame: (b: Uint8Array) => void, close: () => void): WebSocket {
    const ws = new WebSocket(path.replace(/^/, location.origin.replace(/^http/, "ws")), [protocol, offer]);
    ws.binaryType = "arraybuffer";
    ws.onopen = () => { report(true); open(); };
    ws.onmessage = (e) => frame(new Uint8Array(e.data));
    // A line without a network closes only when the network would have let it.
    let ended = false;
    const end = () => { if (!ended) { ended = true; report(false); close(); } };
    ws.onclose = end;
    const shut = ws.close.bind(ws);
    ws.close = () => { shut(); setTimeout(end, 2000); };
    return ws;
  },
};

let report: (open: boolean) => void = () => {};
export function onLine(f: (open: boolean) => void) { report = f; }
