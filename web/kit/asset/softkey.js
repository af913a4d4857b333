// The DEMO software key: a passkey without an authenticator, for browsers that
// have none. It names itself by its AAGUID, and only a server in demo mode
// accepts it. The private keys are WebCrypto keys that cannot be taken out of
// this browser; they lie in its IndexedDB.
const AAGUID = new TextEncoder().encode("LETTERLOCK-DEMO!");
const utf8 = (s) => new TextEncoder().encode(s);
const b64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const bytes = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const join = (...parts) => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) { out.set(p, at); at += p.length; }
  return out;
};
const sha256 = async (b) => new Uint8Array(await crypto.subtle.digest("SHA-256", b));

function wait(req) {
  return new Promise((yes, no) => {
    req.onsuccess = () => yes(req.result);
    req.onerror = () => no(req.error);
  });
}

async function keys(mode) {
  const open = indexedDB.open("demo-software-keys", 1);
  open.onupgradeneeded = () => open.result.createObjectStore("keys", { keyPath: "id" });
  return (await wait(open)).transaction("keys", mode).objectStore("keys");
}

async function held(rpId) {
  return (await wait((await keys("readonly")).getAll())).filter((k) => k.rpId === rpId);
}

async function usable(options) {
  const allowed = (options.allowCredentials || []).map((d) => d.id);
  return (await held(options.rpId)).filter((k) => allowed.length === 0 || allowed.includes(k.id));
}

// users lists whose keys may answer.
export async function users(options) {
  return (await usable(options)).map((k) => ({ id: k.id, name: k.name }));
}

function clientData(type, challenge) {
  return utf8(JSON.stringify({ type, challenge, origin: location.origin, crossOrigin: window.top !== window.self }));
}

const PRESENT = 1, VERIFIED = 4, ATTESTED = 64;

async function header(rpId, flags, counter) {
  const tail = new Uint8Array(5);
  tail[0] = flags;
  new DataView(tail.buffer).setUint32(1, counter);
  return join(await sha256(utf8(rpId)), tail);
}

// bstr heads a CBOR byte string (RFC 8949, major type 2).
function bstr(b) {
  const head = b.length < 24 ? [0x40 + b.length] : b.length < 256 ? [0x58, b.length] : [0x59, b.length >> 8, b.length & 255];
  return join(Uint8Array.from(head), b);
}
const tstr = (s) => join(Uint8Array.from([0x60 + s.length]), utf8(s));

// cose is {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
function cose(raw) {
  return join(Uint8Array.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]), bstr(raw.slice(1, 33)), Uint8Array.from([0x22]), bstr(raw.slice(33)));
}

export async function create(options) {
  const excluded = (options.excludeCredentials || []).map((d) => d.id);
  if ((await held(options.rp.id)).some((k) => excluded.includes(k.id))) throw new DOMException("", "InvalidStateError");
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const id = crypto.getRandomValues(new Uint8Array(16));
  const auth = join(await header(options.rp.id, PRESENT | VERIFIED | ATTESTED, 0), AAGUID, Uint8Array.from([0, id.length]), id, cose(raw));
  const object = join(Uint8Array.from([0xa3]), tstr("fmt"), tstr("none"), tstr("attStmt"), Uint8Array.from([0xa0]), tstr("authData"), bstr(auth));
  await wait((await keys("readwrite")).put({
    id: b64(id), rpId: options.rp.id, name: options.user.name, user: options.user.id, key: pair.privateKey, counter: 0,
  }));
  return {
    id: b64(id), rawId: b64(id), type: "public-key",
    response: { clientDataJSON: b64(clientData("webauthn.create", options.challenge)), attestationObject: b64(object) },
  };
}

export async function get(options, chosen) {
  const k = (await usable(options)).find((x) => !chosen || x.id === chosen);
  if (!k) throw Object.assign(new Error("This browser holds no DEMO key that this page accepts. Enrol one first, with your link."), { name: "NoDemoKey" });
  k.counter += 1;
  await wait((await keys("readwrite")).put(k));
  const auth = await header(options.rpId, PRESENT | VERIFIED, k.counter);
  const client = clientData("webauthn.get", options.challenge);
  const flat = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, k.key, join(auth, await sha256(client))));
  return {
    id: k.id, rawId: k.id, type: "public-key",
    response: { clientDataJSON: b64(client), authenticatorData: b64(auth), signature: b64(der(flat)), userHandle: k.user },
  };
}

// der turns r | s into an ASN.1 sequence of two integers.
function der(flat) {
  const integer = (b) => {
    let i = 0;
    while (i < b.length - 1 && b[i] === 0) i += 1;
    const n = b[i] & 0x80 ? join(Uint8Array.from([0]), b.slice(i)) : b.slice(i);
    return join(Uint8Array.from([0x02, n.length]), n);
  };
  const body = join(integer(flat.slice(0, 32)), integer(flat.slice(32)));
  return join(Uint8Array.from([0x30, body.length]), body);
}
