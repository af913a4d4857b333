// The service worker: the page works without a network, and no file comes to it
// that is not on the list with which this worker was built.
import { opened } from "./swopen";

declare const FILES: Record<string, string>; // name -> SHA-256; put in by build.mjs
declare const TILES: string; // address of a tile server, if whoever built this named one
declare const LIST: string; // SHA-256 of the list

const sw = self as unknown as ServiceWorkerGlobalScope;
const store = "letterlock-" + LIST;
const root = new URL("./", sw.location.href);

const hex = (b: ArrayBuffer) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join("");

// fetched gets a file and refuses what is not it.
async function fetched(name: string): Promise<Response> {
  const r = await fetch(new URL(name, root), { cache: "no-store", credentials: "omit", redirect: "error" });
  const bytes = await r.arrayBuffer();
  if (!r.ok || hex(await crypto.subtle.digest("SHA-256", bytes)) !== FILES[name]) throw new Error(name + " is not the file of this version");
  const head = new Headers(r.headers);
  for (const k of ["Content-Encoding", "Content-Length", "Transfer-Encoding"]) head.delete(k);
  return new Response(bytes, { headers: head });
}

async function install() {
  const all = await Promise.all(Object.keys(FILES).map(async (n) => [n, await fetched(n)] as const));
  const c = await caches.open(store);
  await Promise.all(all.map(([n, r]) => c.put(new URL(n, root), r)));
}

async function activate() {
  for (const k of await caches.keys()) if (k.startsWith("letterlock-") && k !== store) await caches.delete(k);
  await sw.clients.claim();
}

async function answer(name: string): Promise<Response> {
  const c = await caches.open(store), at = new URL(name, root), kept = await c.match(at);
  if (kept) return kept;
  try {
    const r = await fetched(name);
    await c.put(at, r.clone());
    return r;
  } catch { return new Response("This file is not of the version that is installed here.", { status: 502, headers: { "Content-Type": "text/plain" } }); }
}

// A push says nothing: what is shown is said in the person's language, as the
// page left it here. What came is read when the page is opened and unlocked.
async function woken() {
  const words = await (await caches.open("waking")).match("words").then((r) => r?.json()).catch(() => null);
  await sw.registration.showNotification(words?.title ?? "Letterlock", { body: words?.body ?? "New message", lang: words?.lang ?? "en", dir: words?.dir ?? "auto", tag: "new", icon: new URL("icon-192.png", root).href });
}

// toFront brings the page to the front; a file that is open in another tab is not it.
async function toFront() {
  const page = (await sw.clients.matchAll({ type: "window", includeUncontrolled: true })).find((c) => [root.href, root.href + "index.html"].includes(c.url.replace(/[?#].*/, "")));
  await (page ? page.focus() : sw.clients.openWindow(root));
}

sw.addEventListener("push", (e) => e.waitUntil(woken()));
sw.addEventListener("notificationclick", (e) => { e.notification.close(); e.waitUntil(toFront()); });
sw.addEventListener("install", (e) => e.waitUntil(install()));
sw.addEventListener("activate", (e) => e.waitUntil(activate()));
sw.addEventListener("message", (e) => { if (e.data === "now") void sw.skipWaiting(); });
sw.addEventListener("fetch", (e) => {
  const u = new URL(e.request.url);
  if (u.origin === root.origin && u.pathname.startsWith("/v1/")) return; // sealed things and the carrier's answers
  if (TILES && u.origin === new URL(TILES).origin) return; // a map, if the person chose it
  if (u.origin !== root.origin || !u.pathname.startsWith(root.pathname)) return e.respondWith(Response.error());
  const name = u.pathname.slice(root.pathname.length) || "index.html";
  if (name.startsWith("open/")) return e.respondWith(opened(sw, e, name.slice(5)));
  if (name === "SHA256SUMS" || name === "sw.js") return; // what is compared with the list, not used
  e.respondWith(name in FILES ? answer(name) : Promise.resolve(new Response("There is no such file.", { status: 404, headers: { "Content-Type": "text/plain" } })));
});
