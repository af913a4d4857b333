// Where somebody is: sending it, once or for a time, and looking at it.
import type { App } from "./app";
import { dialog, field, h, put } from "./dom";
import { form, problem } from "./gate";
import { bearing, degrees, EarthMap, far, metres, tileHost, tilesChosen, type Spot } from "./map";
import { called } from "./say";
import type { Talk } from "./talk";
import type { Entry, Place } from "./types";
import { hour, t } from "./words";

const live = (p: Place) => !p.ended && Date.now() < p.until;

// here asks the browser where this device is.
const here = () => new Promise<Spot>((good, bad) => {
  if (!navigator.geolocation) return bad(new Error(t("This browser cannot tell where you are: type the place, or choose it on the map.")));
  navigator.geolocation.getCurrentPosition((p) => good(spotOf(p)), (e) => bad(new Error(e.code === e.PERMISSION_DENIED ? t("This page may not ask where you are: allow it in the browser, or choose the place on the map.") : t("This browser cannot tell where you are: type the place, or choose it on the map."))), { timeout: 20_000, enableHighAccuracy: true });
});
const spotOf = (p: GeolocationPosition): Spot => ({ lat: p.coords.latitude, lon: p.coords.longitude, within: Math.round(p.coords.accuracy) });

// Followed places move with this device for as long as this page is unlocked.
const followed = new Map<number, { watch: number; timer: number; last: number; said: Spot | null; to: Spot }>();
const EVERY = 10_000, STEP = 8; // milliseconds and metres between two steps

function follow(app: App, seq: number, until: number) {
  if (followed.has(seq) || !navigator.geolocation) return;
  const f = { watch: 0, timer: 0, last: 0, said: null as Spot | null, to: { lat: 0, lon: 0 } };
  const step = () => {
    f.timer = 0;
    if (f.said && metres(f.said, f.to) < STEP) return;
    [f.last, f.said] = [Date.now(), f.to];
    app.core.ask("movePlace", { seq, ...f.to }).catch(() => unfollow(seq));
  };
  f.watch = navigator.geolocation.watchPosition((p) => {
    f.to = spotOf(p);
    f.timer ||= setTimeout(step, Math.max(0, f.last + EVERY - Date.now())) as unknown as number;
  }, () => {}, { enableHighAccuracy: true });
  followed.set(seq, f);
  setTimeout(() => unfollow(seq), until - Date.now());
}

function unfollow(seq: number) {
  const f = followed.get(seq);
  if (!f) return;
  navigator.geolocation.clearWatch(f.watch);
  clearTimeout(f.timer);
  followed.delete(seq);
}

// endPlaces stops all that moves with this device: the page is about to lock.
export async function endPlaces(app: App) {
  await Promise.all([...followed.keys()].map((seq) => { unfollow(seq); return app.core.ask("endPlace", { seq }).catch(() => {}); }));
}

// placed is a place in a message.
export function placed(talk: Talk, e: Entry): HTMLElement {
  const p = e.place!, is = live(p);
  const until = !p.until ? "" : is ? t("live until {time}", { time: hour(p.until) }) : t("no longer live");
  const stop = () => { unfollow(e.seq); void talk.act("endPlace", { seq: e.seq }); };
  return h("div", { class: "place" }, new EarthMap(p, t("Place"), 4, 260, 120).box,
    h("p", {}, h("b", {}, p.until ? t("Live place") : t("Place")), " ", h("bdi", {}, degrees(p)), p.within ? h("small", {}, " " + t("within {far}", { far: far(p.within) })) : null),
    p.until ? h("p", { class: "small" }, until, " · ", t("as of {time}", { time: hour(p.at) })) : null,
    h("p", { class: "row" }, h("button", { type: "button", class: "plain", onclick: () => look(talk, e) }, t("Show the map")),
      e.own && is ? h("button", { type: "button", class: "plain", onclick: stop }, t("Stop")) : null));
}

// left is for how long a place is still live, so that it is drawn anew then.
export const left = (e: Entry) => (e.place && live(e.place) ? e.place.until - Date.now() : 0);

// look shows a place as large as the screen lets.
function look(talk: Talk, e: Entry) {
  const p = e.place!, m = new EarthMap(p, t("Place"), 9), said = h("p", { role: "status" });
  const who = e.own ? t("You") : called(e.who);
  const d = dialog(t("Place of {who}", { who }), t("Close"), m.box, m.buttons(),
    h("p", {}, h("bdi", {}, degrees(p)), p.within ? " " + t("within {far}", { far: far(p.within) }) : "", " · ", t("as of {time}", { time: hour(p.at) })), said,
    h("p", { class: "row" }, e.own ? null : h("button", { type: "button", onclick: () => void from() }, t("How far from me?")), h("button", { type: "button", onclick: () => void navigator.clipboard.writeText(`${p.lat},${p.lon}`) }, t("Copy the place")), h("a", { href: `geo:${p.lat},${p.lon}` }, t("Open in a map of this device"))),
    e.own && live(p) ? moving(talk, e, m) : null);
  let at = p.at; // a receipt or an answer moves nothing: what was chosen and not said yet stays
  talk.follow(e.seq, d, (now) => { if (now.place && now.place.at !== at) { at = now.place.at; m.set(now.place); } });
  async function from() {
    try {
      const you = m.you = await here();
      m.draw();
      put(said, t("{far} to the {direction} of you", { far: far(metres(you, p)), direction: bearing(you, p) }));
    } catch (x) { put(said, problem(x)); }
  }
}

// moving lets a person say where they have come to, where the browser cannot.
function moving(talk: Talk, e: Entry, m: EarthMap): HTMLElement {
  m.choose((s) => m.set(s));
  const goes = h("p", { class: "small" }, followed.has(e.seq) ? t("It moves with this device while this page is unlocked.") : t("It does not move with this device now: choose on the map where you have come to."));
  return h("section", {}, goes, form(t("I am here now"), () => talk.app.core.ask("movePlace", { seq: e.seq, lat: m.spot.lat, lon: m.spot.lon })),
    followed.has(e.seq) ? null : h("p", {}, h("button", { type: "button", onclick: () => { follow(talk.app, e.seq, e.place!.until); put(goes, t("It moves with this device while this page is unlocked.")); } }, t("Let it move with this device"))));
}

// sendPlace asks where, and for how long.
export function sendPlace(talk: Talk) {
  let at: Spot = { lat: 20, lon: 0 }, known = false, measured = false;
  const [one, lat] = field(t("Latitude"), { inputMode: "decimal", required: true, dir: "ltr", placeholder: "38.7223" }), [two, lon] = field(t("Longitude"), { inputMode: "decimal", required: true, dir: "ltr", placeholder: "-9.1393" });
  const [three, text] = field(t("What to write below it"), { maxLength: 2000, dir: "auto" });
  const m = new EarthMap(at, t("Place"), 1), said = h("p", { role: "status" });
  const id = "live-for", s = h("select", { id }, ...[[0, t("Once")], [900, t("For 15 minutes")], [3600, t("For an hour")], [28800, t("For 8 hours")]].map(([v, words]) => h("option", { value: String(v) }, String(words))));
  const set = (x: Spot, typed = false) => { [at, known] = [x, true]; m.set(x); if (!typed) [lat.value, lon.value] = [x.lat.toFixed(5), x.lon.toFixed(5)]; };
  const typed = () => { const [a, b] = [Number(lat.value.replace(",", ".")), Number(lon.value.replace(",", "."))]; measured = false; if (lat.value && lon.value && Math.abs(a) <= 90 && Math.abs(b) <= 180) set({ lat: a, lon: b }, true); else known = false; };
  for (const f of [lat, lon]) f.addEventListener("input", typed);
  m.choose((x) => { measured = false; set(x); });
  const find = async () => { put(said, t("Looking for where you are …")); try { set(await here()); measured = true; put(said, at.within ? t("Found, within {far}.", { far: far(at.within) }) : t("Found.")); } catch (e) { put(said, problem(e)); } };
  const d = dialog(t("Send a place"), t("Close"),
    h("p", {}, h("button", { type: "button", onclick: () => void find() }, t("Find where I am"))), h("p", { class: "small" }, t("Your browser may ask a service of its maker for that."), " ", tilesChosen() ? t("The map comes from {host}.", { host: tileHost }) : t("The map asks nobody.")), said,
    m.box, m.buttons(),
    form(t("Send the place"), async () => {
      if (!known) throw new Error(t("This is no place on the earth: give latitude and longitude in degrees, such as 38.7223 and -9.1393."));
      const seconds = Number(s.value);
      const seq = await talk.app.core.ask<number>("place", { id: talk.chat.id, group: !!talk.chat.group, ...at, live: seconds, text: text.value.trim() });
      if (seconds && measured) follow(talk.app, seq, Date.now() + seconds * 1000);
      d.close();
    }, h("div", { class: "pair" }, one, two), h("p", { class: "field" }, h("label", { for: id }, t("How long they see it")), s, h("small", {}, t("Live, they see each step while this page is unlocked. It ends by itself."))), three));
}
