// Sending files: chosen, dropped or pasted, looked at, and sealed.
import { dialog, h, icon, put } from "./dom";
import { Refusal } from "./core";
import { form } from "./gate";
import { look } from "./look";
import { plainType } from "./opened";
import type { Talk } from "./talk";
import { t } from "./words";

export const clip = "M16.5 6v11a4.5 4.5 0 0 1-9 0V5a3 3 0 0 1 6 0v10.5a1.5 1.5 0 0 1-3 0V6H9v9.5a3 3 0 0 0 6 0V5a4.5 4.5 0 0 0-9 0v12a6 6 0 0 0 12 0V6z";
const MOST = 2 ** 31;
let moves = 0;

type More = { text?: string; metadata?: boolean; voice?: boolean; length?: number; wave?: Uint8Array };

const numbers = (n: number, digits: number) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: digits, minimumFractionDigits: 0 }).format(n);

// bytes says how large something is.
export function bytes(n: number): string {
  const units = [t("{n} bytes"), t("{n} kB"), t("{n} MB"), t("{n} GB")];
  let at = 0;
  for (; n >= 1000 && at < 3; at++) n /= 1000;
  return units[at]!.replace("{n}", numbers(n, at > 1 && n < 100 ? 1 : 0));
}

// bar is how far something on the move is, and how to stop it.
export class Bar {
  private meter = h("progress", { max: 1 });
  private words = h("span", { class: "small" });
  readonly box: HTMLElement;
  constructor(private what: string, stop: string, end: () => void) {
    this.meter.setAttribute("aria-label", what);
    this.box = h("div", { class: "moving" }, this.meter, this.words, icon(stop, "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6L19 6.4 17.6 5 12 10.6z", end));
  }
  to(done: number, total: number) {
    if (done > 0 || total === 0) this.meter.value = total ? done / total : 1;
    put(this.words, t("{what}: {done} of {total}", { what: this.what, done: bytes(done), total: bytes(total) }));
  }
}

export class Sender {
  readonly button: HTMLButtonElement;
  readonly tray = h("div", { class: "sealing" });
  private choose = h("input", { type: "file", multiple: true, hidden: true, "aria-label": t("Files to send"), tabIndex: -1 });

  constructor(private talk: Talk) {
    this.button = icon(t("Send files"), clip, () => this.choose.click());
    this.tray.append(this.choose);
    this.choose.addEventListener("change", () => { const all = [...this.choose.files ?? []]; this.choose.value = ""; this.offer(all); });
  }

  // takes has files dropped on, and pasted into, parts of the page.
  takes(drop: HTMLElement, paste: HTMLElement) {
    const over = (e: DragEvent, on: boolean) => { if (!e.dataTransfer?.types.includes("Files")) return; e.preventDefault(); drop.classList.toggle("dropping", on); };
    drop.addEventListener("dragenter", (e) => over(e, true));
    drop.addEventListener("dragover", (e) => over(e, true));
    drop.addEventListener("dragleave", (e) => { if (!drop.contains(e.relatedTarget as Node)) over(e, false); });
    drop.addEventListener("drop", (e) => { over(e, false); this.offer([...e.dataTransfer?.files ?? []]); });
    paste.addEventListener("paste", (e) => { const all = [...e.clipboardData?.files ?? []]; if (all.length) { e.preventDefault(); this.offer(all); } });
  }

  // offer shows what would be sent, with a field for a caption each.
  offer(all: File[]) {
    const large = all.find((f) => f.size > MOST), files = all.filter((f) => f.size <= MOST);
    if (large) this.talk.say(new Error(t("{name} is too large: a file has at most 2 GiB.", { name: large.name })));
    if (!files.length) return;
    const list = h("ul", { class: "offered" }), chosen = new Map<File, HTMLInputElement>(), views: string[] = [];
    const stripped = files.some((f) => /^(image|video)\//.test(f.type));
    const whole = h("input", { type: "checkbox" });
    for (const f of files) {
      const id = "caption" + ++moves, caption = h("input", { id, maxLength: 4000, autocomplete: "off", dir: "auto" });
      chosen.set(f, caption);
      const view = f.type.startsWith("image/") && f.type !== "image/svg+xml" ? URL.createObjectURL(f) : "";
      if (view) views.push(view);
      const li = h("li", {}, view ? h("img", { src: view, alt: "" }) : h("span", { class: "sheet", "aria-hidden": "true" }, ending(f.name)),
        h("div", {}, h("p", {}, h("bdi", {}, f.name), " ", h("small", {}, bytes(f.size))), h("label", { for: id }, t("Caption")), caption),
        icon(t("Leave out {name}", { name: f.name }), "M6 11h12v2H6z", () => { chosen.delete(f); li.remove(); if (!chosen.size) d.close(); }));
      list.append(li);
    }
    const d = dialog(t("Send files"), t("Close"), form(t("Send"), async () => {
      d.close();
      for (const [f, caption] of chosen) await this.send(f, { text: caption.value.trim(), metadata: whole.checked });
    }, list, stripped ? h("div", {}, h("label", { class: "check" }, whole, " ", t("Leave in where, when and with what photos and videos were taken")), h("p", { class: "small" }, t("Without this, it is taken out before they are sealed. Where that cannot be done, you are asked."))) : ""));
    d.addEventListener("close", () => views.forEach((v) => URL.revokeObjectURL(v)));
    list.querySelector("input")?.focus();
  }

  // send seals a file in the worker. What is on its way to the server after that
  // is shown at the message.
  async send(file: File, more: More) {
    const { core } = this.talk.app, move = "seal " + ++moves;
    const bar = new Bar(file.name, t("Stop"), () => void core.ask("stop", { move }));
    bar.to(0, file.size);
    this.tray.append(bar.box);
    this.talk.moving.set(move, bar);
    try {
      const seen = more.voice ? { type: plainType(file.type) } : await look(file);
      await core.ask("sendFile", { id: this.talk.chat.id, group: !!this.talk.chat.group, file, name: file.name, reply: this.talk.takeReply(), move, ...seen, ...more });
    } catch (e) {
      if (e instanceof Refusal && e.problem.tells) this.ask(e, file, more);
      else this.talk.say(e);
    }
    this.talk.moving.delete(move);
    bar.box.remove();
  }

  // ask has the person decide about a file that may say more than they mean to
  // send.
  private ask(e: Refusal, file: File, more: More) {
    const d = dialog(t("Send it as it is?"), t("Close"), h("p", {}, h("b", {}, h("bdi", {}, file.name))), h("p", {}, t(e.problem.say)),
      h("div", { class: "row" }, h("button", { type: "button", onclick: () => d.close() }, t("Do not send it")), h("button", { type: "button", class: "main", onclick: () => { d.close(); void this.send(file, { ...more, metadata: true }); } }, t("Send it as it is"))));
  }
}

// ending is what a name ends with, where a small picture would be.
export const ending = (name: string) => (/\.([\p{L}\p{N}]{1,5})$/u.exec(name)?.[1] ?? "").toUpperCase();
