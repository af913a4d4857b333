// Being woken while the page is closed: Web Push, with a message that says
// nothing. The words that the service worker shows lie in a cache of their own,
// since it cannot ask for the person's language.
import type { App } from "./app";
import { h, put } from "./dom";
import { problem } from "./gate";
import { lang, rtl, t } from "./words";

const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

const PATIENCE = 20_000; // milliseconds

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const raw = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

// teach gives the service worker its words.
async function teach() {
  const c = await caches.open("waking");
  await c.put("words", new Response(JSON.stringify({ title: "Letterlock", body: t("New message"), lang, dir: rtl ? "rtl" : "ltr" })));
}

async function on(app: App) {
  if ((await Notification.requestPermission()) !== "granted") throw new Error(t("The browser does not let this page notify you. Allow it in the browser's settings for this page, then try again."));
  const key = await app.core.ask<string>("pushKey");
  if (!key) throw new Error(t("This service wakes nobody."));
  await teach();
  const r = await navigator.serviceWorker.ready;
  await (await r.pushManager.getSubscription())?.unsubscribe();
  await tell(app, await subscribed(r, key));
}

// subscribed asks the browser's push service. A browser that has none, or cannot
// reach it, says so in its maker's words, or not at all.
async function subscribed(r: ServiceWorkerRegistration, key: string): Promise<PushSubscription> {
  const none = new Error(t("This browser has no service that could wake it, or cannot reach it now. What comes is here when you open this page."));
  const late = new Promise<never>((_, bad) => setTimeout(() => bad(none), PATIENCE));
  return Promise.race([r.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }).catch(() => { throw none; }), late]);
}

async function tell(app: App, s: PushSubscription) {
  const { endpoint, keys } = s.toJSON();
  await app.core.ask("push", { endpoint, p256dh: keys?.p256dh, auth: keys?.auth });
}

async function off(app: App) {
  await app.core.ask("push", { endpoint: "" });
  await (await (await navigator.serviceWorker.ready).pushManager.getSubscription())?.unsubscribe();
}

// remind tells the carrier the subscription again after an unlock, as a browser
// may have exchanged it, and takes away what was shown.
export async function remind(app: App) {
  if (!can) return;
  const r = await navigator.serviceWorker.getRegistration(), s = await r?.pushManager.getSubscription();
  for (const n of (await r?.getNotifications()) ?? []) n.close();
  if (!s) return;
  await teach();
  await tell(app, s);
}

// waking is the switch among the settings.
export function waking(app: App): HTMLElement {
  const state = h("p", { role: "status", class: "problem" }), box = h("input", { type: "checkbox", disabled: true });
  if (can) void navigator.serviceWorker.getRegistration().then(async (r) => { box.checked = !!(await r?.pushManager.getSubscription()); box.disabled = !r; });
  box.addEventListener("change", async () => {
    box.disabled = true;
    put(state);
    try { await (box.checked ? on(app) : off(app)); } catch (e) { box.checked = !box.checked; put(state, problem(e)); }
    box.disabled = false;
  });
  return h("section", {}, h("h3", {}, t("When this page is closed")), h("label", { class: "check" }, box, " ", t("Tell me that something came")),
    h("p", { class: "small" }, can ? t("The notice says “New message” and nothing else; also when only a receipt came. The maker of your browser learns when something comes for this browser, not from whom or what. The service keeps the address at which it is reached; who may ask for your data by law may ask for that, too.") : t("This browser cannot be woken.")), state);
}
