// A file as it stands in a message: what it is, where it is, and what one can do.
import { h, icon, put, svg } from "./dom";
import { Bar, bytes, ending } from "./files";
import { shownAs } from "./opened";
import { Player } from "./player";
import type { Talk } from "./talk";
import type { Entry, Filed } from "./types";
import { viewer } from "./viewer";
import { said, t } from "./words";

const SELF = 16 << 20; // photos and voice messages up to here come by themselves
const names: Record<Filed["kind"], string> = { photo: said("Photo"), video: said("Video"), voice: said("Voice message"), document: said("Document") };
const load = "M11 4h2v9.2l3.3-3.3 1.4 1.4L12 17l-5.7-5.7 1.4-1.4 3.3 3.3zM5 18h14v2H5z";

// fileWord says a file in a word, or by its name.
export const fileWord = (f: { kind: Filed["kind"]; name: string }) => (f.kind === "document" ? f.name : t(names[f.kind]));

// time is a length in minutes and seconds.
export const time = (ms: number) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

// Row is one file's place in the conversation. It stays when its message is
// drawn anew, so that what plays goes on.
export class Row {
  readonly box = h("div", { class: "filed" });
  private state = "";
  private bar: Bar | null = null;
  private thumb = "";
  private asked = false;

  constructor(private talk: Talk, public e: Entry) {
    if (e.file!.thumb) this.thumb = URL.createObjectURL(new Blob([e.file!.thumb], { type: "image/jpeg" }));
    this.update(e);
  }

  end() { if (this.thumb) URL.revokeObjectURL(this.thumb); this.talk.moving.delete(this.move); }

  private get move() { return "fetch " + this.e.seq; }

  update(e: Entry) {
    this.e = e;
    const f = e.file!, away = f.state === "there", own = f.state === "bringing";
    const on = away && this.talk.fetching.has(e.seq);
    const state = `${f.state} ${on} ${e.state === "failed"}`;
    if (state !== this.state) { this.state = state; this.draw(on); }
    if (own || on) this.bar?.to(f.done, f.total);
    if (away && !on && !this.asked && f.size <= SELF && (f.kind === "photo" || f.kind === "voice")) void this.fetch();
  }

  private draw(on: boolean) {
    const f = this.e.file!, kind = shownAs(this.e), here = f.state === "here" || f.state === "bringing";
    this.box.className = "filed " + f.kind + " " + f.state;
    this.bar = null;
    this.talk.moving.delete(this.move);
    const way: Node[] = [];
    if (f.state === "bringing" && this.e.state !== "failed") { this.bar = new Bar(t("Sending"), t("Stop sending {name}", { name: fileWord(f) }), () => void this.talk.act("remove", { seq: this.e.seq }, t("Stopped"))); way.push(this.bar.box); }
    else if (on) {
      this.bar = new Bar(t("Fetching"), t("Stop fetching {name}", { name: fileWord(f) }), () => void this.stop());
      this.talk.moving.set(this.move, this.bar);
      way.push(this.bar.box);
    } else if (f.state === "there") way.push(h("p", { class: "way" }, icon(t("Fetch {name}", { name: fileWord(f) }), load, () => void this.fetch(), { tabIndex: -1 }), h("small", {}, f.done > 0 ? t("{done} of {total} are here", { done: bytes(f.done), total: bytes(f.total) }) : t("{size}, not fetched yet", { size: bytes(f.size) }))));
    else if (f.state === "lost") way.push(h("p", { class: "warn" }, t("This file is not on this device, and not at the server any more. Ask for it to be sent again.")));
    else if (f.state === "broken") way.push(h("p", { class: "problem", role: "alert" }, t("What the server had was not what was sent: it was changed, cut off or exchanged, and was thrown away. Ask for it to be sent again, and tell whoever runs the server.")));
    put(this.box, this.view(kind, here), ...way);
  }

  // view is what one sees of the file itself.
  private view(kind: ReturnType<typeof shownAs>, here: boolean): Node {
    const f = this.e.file!, save = here ? icon(t("Save {name}", { name: fileWord(f) }), load, () => void this.save(), { tabIndex: -1 }) : null;
    if (kind === "sound" && here) return h("div", { class: "sound" }, new Player(() => this.talk.opened.address(this.e), f).box, f.kind === "document" ? this.sheet(save) : null);
    if ((kind === "picture" || kind === "film") && (here || this.thumb)) return this.picture(kind, here);
    return this.sheet(save);
  }

  private sheet(save: Node | null): Node {
    const f = this.e.file!;
    return h("div", { class: "paper" }, h("span", { class: "sheet", "aria-hidden": "true" }, f.kind === "voice" ? "♪" : ending(f.name)), h("p", {}, h("bdi", { class: "filename" }, f.kind === "voice" ? fileWord(f) : f.name), h("small", {}, [bytes(f.size), f.length ? time(f.length) : "", f.type].filter(Boolean).join(" · "))), save);
  }

  private picture(kind: "picture" | "film", here: boolean): Node {
    const f = this.e.file!, img = h("img", { alt: this.e.text || f.name, draggable: false });
    if (this.thumb) img.src = this.thumb;
    if (f.width && f.height) img.style.aspectRatio = `${Math.min(Math.max(f.width / f.height, 0.5), 2.5)}`;
    if (kind === "picture" && here) void this.full(img);
    const what = kind === "film" ? t("Play the video {name}", { name: f.name }) : t("Look at the photo {name}", { name: f.name });
    return h("button", { type: "button", class: "picture", "aria-label": here ? what : t("Fetch {name}", { name: f.name }), tabIndex: -1, onclick: () => { if (this.e.file!.state === "there") void this.fetch(); else if (here) viewer(this.talk, this.e); } },
      img, kind === "film" ? h("span", { class: "play", "aria-hidden": "true" }, svg("M8 5v14l11-7z")) : null, f.length ? h("span", { class: "time" }, time(f.length)) : null);
  }

  // full shows the whole picture where the small one stood, if it can be shown.
  private async full(img: HTMLImageElement) {
    try {
      if (this.e.file!.size > SELF) return;
      await this.talk.app.core.ask("sides", { seq: this.e.seq });
      img.src = await this.talk.opened.address(this.e);
    } catch { /* the small one stays; the viewer says why */ }
  }

  async fetch() {
    this.asked = true;
    if (this.talk.fetching.has(this.e.seq)) return;
    this.talk.fetching.add(this.e.seq);
    this.update(this.e);
    const problem = await this.talk.app.core.ask("fetch", { seq: this.e.seq }).catch((e) => e);
    this.talk.fetching.delete(this.e.seq);
    const [now] = await this.talk.app.core.ask<Entry[]>("entries", { seqs: [this.e.seq] }).catch(() => []);
    if (now?.file) this.update(now);
    if (problem && now?.file?.state === "there") this.talk.say(problem); // else it stands at the message
  }

  private stop() { return this.talk.app.core.ask("stop", { move: this.move }); }
  private async save() { try { await this.talk.opened.save(this.e); } catch (e) { this.talk.say(e); } }
}

// items are what a menu offers for a file.
export function fileItems(talk: Talk, e: Entry): [string, () => void][] {
  const f = e.file!, out: [string, () => void][] = [], here = f.state === "here" || f.state === "bringing";
  if (here && (shownAs(e) === "picture" || shownAs(e) === "film")) out.push([t("Look at it"), () => viewer(talk, e)]);
  if (here && shownAs(e) === "sound") out.push([t("Play or pause"), () => talk.file(e).box.querySelector<HTMLButtonElement>(".player button")?.click()]);
  if (here) out.push([t("Save on this computer"), () => void talk.opened.save(e).catch((x) => talk.say(x))]);
  if (f.state === "there" && talk.fetching.has(e.seq)) out.push([t("Stop fetching {name}", { name: fileWord(f) }), () => void talk.app.core.ask("stop", { move: "fetch " + e.seq })]);
  else if (f.state === "there") out.push([t("Fetch {name}", { name: fileWord(f) }), () => void talk.file(e).fetch()]);
  if (f.state === "bringing") out.push([t("Stop sending {name}", { name: fileWord(f) }), () => void talk.act("remove", { seq: e.seq }, t("Stopped"))]);
  return out;
}

