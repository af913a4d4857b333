// Photos and videos as large as the screen: to the next with the arrows, larger
// with + and -, back with Escape.
import { dialog, h, icon, put } from "./dom";
import { problem } from "./gate";
import { shownAs } from "./opened";
import { called } from "./say";
import type { Talk } from "./talk";
import type { Entry } from "./types";
import { moment, t } from "./words";

const arrow = { before: "M15.4 7.4 14 6l-6 6 6 6 1.4-1.4L10.8 12z", after: "M8.6 16.6 10 18l6-6-6-6-1.4 1.4L13.2 12z", save: "M11 4h2v9.2l3.3-3.3 1.4 1.4L12 17l-5.7-5.7 1.4-1.4 3.3 3.3zM5 18h14v2H5z", zoom: "M10 4a6 6 0 1 0 3.7 10.7l5 5 1.4-1.4-5-5A6 6 0 0 0 10 4zm0 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8z" };

export function viewer(talk: Talk, first: Entry) {
  const here = (e: Entry) => e.file && (e.file.state === "here" || e.file.state === "bringing") && ["picture", "film"].includes(shownAs(e));
  const all = talk.shownEntries().filter(here);
  let at = Math.max(0, all.findIndex((e) => e.seq === first.seq)), round = 0;
  const stage = h("div", { class: "stage", tabIndex: -1 }), words = h("p", { class: "caption", dir: "auto" }), facts = h("p", { class: "small" }), count = h("span", { class: "small", role: "status" });
  const before = icon(t("The one before"), arrow.before, () => go(-1), { class: "icon turn" }), after = icon(t("The next one"), arrow.after, () => go(1), { class: "icon turn" });
  const larger = icon(t("Larger or smaller"), arrow.zoom, () => zoom());
  const save = icon(t("Save on this computer"), arrow.save, () => void talk.opened.save(all[at]!).catch((e) => put(stage, h("p", { class: "problem", role: "alert" }, problem(e)))));
  const d = dialog(t("Photos and videos"), t("Close"), h("div", { class: "tools" }, count, larger, save), h("div", { class: "across" }, before, stage, after), h("div", { class: "below" }, words, facts));
  d.classList.add("viewer");

  function zoom(on = !stage.classList.contains("large")) {
    stage.classList.toggle("large", on && shownAs(all[at]!) === "picture");
    larger.setAttribute("aria-pressed", String(stage.classList.contains("large")));
  }
  function go(by: number) {
    const next = at + by;
    if (next < 0 || next >= all.length) return;
    at = next;
    void show();
  }
  async function show() {
    const e = all[at]!, turn = ++round, film = shownAs(e) === "film";
    zoom(false);
    larger.hidden = film;
    before.disabled = at === 0;
    after.disabled = at === all.length - 1;
    put(words, e.text ?? "");
    put(facts, h("bdi", {}, e.own ? t("You") : called(e.who)), " · ", moment(e.at), " · ", h("bdi", {}, e.file!.name));
    put(count, t("{n} of {all}", { n: at + 1, all: all.length }));
    put(stage, h("p", { class: "small" }, t("Loading")));
    try {
      if (!film) await talk.app.core.ask("sides", { seq: e.seq });
      const src = await talk.opened.address(e);
      if (turn !== round) return;
      const fail = () => { if (turn === round) put(stage, h("p", { class: "problem", role: "alert" }, t("This cannot be shown here: save it."))); };
      put(stage, film ? h("video", { src, controls: true, autoplay: true, "aria-label": e.text || e.file!.name, onerror: fail }) : h("img", { src, alt: e.text || e.file!.name, onerror: fail, onclick: () => zoom() }));
    } catch (x) { if (turn === round) put(stage, h("p", { class: "problem", role: "alert" }, problem(x))); }
  }
  d.addEventListener("keydown", (e) => {
    if (e.target instanceof HTMLVideoElement && e.key.startsWith("Arrow")) return; // it seeks
    const on = document.dir === "rtl" ? -1 : 1;
    if (e.key === "ArrowRight") go(on);
    else if (e.key === "ArrowLeft") go(-on);
    else if (e.key === "+") zoom(true);
    else if (e.key === "-") zoom(false);
    else return;
    e.preventDefault();
  });
  d.addEventListener("close", () => stage.querySelector("video")?.pause());
  void show();
}
