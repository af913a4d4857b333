// The page as an installed program: the service worker, and a newer version.
import { script } from "./core";
import { h } from "./dom";
import { t } from "./words";

let waiting: ServiceWorker | null = null;
let told: () => void = () => {};

// install asks the browser to keep the program. Without it the page works, and
// needs the network at each start.
export async function install() {
  if (!("serviceWorker" in navigator)) return;
  const had = !!navigator.serviceWorker.controller;
  const r = await navigator.serviceWorker.register(script("sw.js"), { updateViaCache: "none" }).catch(() => null);
  if (!r) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (had) location.reload(); });
  const look = () => { if (r.waiting && navigator.serviceWorker.controller) { waiting = r.waiting; told(); } };
  r.addEventListener("updatefound", () => r.installing?.addEventListener("statechange", look));
  look();
}

// newer shows, in its place on the page, that there is a newer version.
export function newer(into: HTMLElement) {
  told = () => into.replaceChildren(h("p", { class: "update", role: "status" }, t("A newer version of this program is here."), h("button", { type: "button", class: "plain", onclick: () => waiting?.postMessage("now") }, t("Begin to use it"))));
  if (waiting) told();
}
