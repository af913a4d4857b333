// One conversation: its messages, and the field in which one writes.
import { announce, type App } from "./app";
import { h, icon, put, shapes } from "./dom";
import { problem } from "./gate";
import { fileWord, Row } from "./filed";
import { type Bar, Sender } from "./files";
import { group } from "./group";
import { LongList } from "./list";
import { menu } from "./menu";
import type { Opened } from "./opened";
import { person } from "./person";
import { left, placed, sendPlace } from "./place";
import { microphone } from "./recorder";
import { called, chatTitle, happened, status, under } from "./say";
import type { Chat, Entry, Run, Who } from "./types";
import { date, hour, lasting, moment, recent, sameDay, t } from "./words";

const ASKS = 9; // the act of a group's event: somebody asks to be let in

export class Talk {
  readonly box = h("div", { class: "talk" });
  private list: LongList;
  private entries = new Map<number, Entry>();
  private order: number[] = [];
  private asking = new Set<number>();
  private text = h("textarea", { rows: 1, "aria-label": t("Message"), placeholder: t("Message"), dir: "auto", maxLength: 16000 });
  private about = h("div", { class: "answering", hidden: true });
  private note = h("p", { class: "problem", role: "alert" });
  private title = h("span", {});
  private answers = 0;
  private fades = 0;
  private stops = 0;
  private shown = false;
  private since = 0;
  private edits = 0;
  private sorts = 0;
  private over = new Map<number, number>(); // when a live place ends
  private watched = { seq: 0, in: null as HTMLDialogElement | null, f: (_: Entry) => {} };
  private ended = false;
  readonly opened: Opened;
  readonly sender = new Sender(this);
  readonly moving = new Map<string, Bar>(); // what is on the move and on the screen
  readonly fetching = new Set<number>();
  recording: { end(): void } | null = null;
  private files = new Map<number, Row>();
  private newer = icon(t("To the newest message"), shapes.down, () => this.list.toEnd(), { hidden: true });

  constructor(public app: App, public chat: Chat) {
    this.opened = app.opened;
    this.list = new LongList({ label: t("Messages"), has: (k) => this.entries.has(k), row: (k, i) => this.row(k, i), missing: (keys) => void this.fetch(keys), moved: (end) => { this.newer.hidden = end; if (end) this.seen(); } });
    const send = h("button", { type: "submit", class: "icon main", "aria-label": t("Send"), title: t("Send") });
    send.append(icon("", shapes.send, () => {}).firstChild!);
    const write = h("form", { class: "write", autocomplete: "off", onsubmit: (e: Event) => { e.preventDefault(); void this.send(); } }, this.sender.button, icon(t("Send a place"), shapes.pin, () => sendPlace(this)), this.text, send);
    const mic = microphone(this, write);
    if (mic) send.before(mic);
    if (!chat.left) this.sender.takes(this.box, this.text);
    this.text.addEventListener("keydown", (e) => this.typing(e));
    this.text.addEventListener("input", () => { this.grow(); this.writes(this.text.value !== ""); });
    this.newer.classList.add("newer");
    put(this.box, h("header", { class: "bar" }, icon(t("Back to the chats"), shapes.back, () => app.close(), { class: "icon back" }), this.title), this.list.box, this.newer, this.about, this.sender.tray, this.note, chat.left ? h("p", { class: "empty" }, t("You are no longer in this group.")) : write);
    this.head();
  }

  // sign shows for a while what somebody shows of this moment.
  sign(s: { talk: string; what: string; who: Who }) {
    if (s.talk !== this.chat.id) return;
    clearTimeout(this.fades);
    if (s.what === "writing") {
      this.head(this.chat.group ? t("{who} is writing …", { who: called(s.who) }) : t("is writing …"));
      this.fades = setTimeout(() => void this.near(), 8000) as unknown as number;
    } else void this.near();
  }

  // near shows whether the other is here, if both chose that.
  private async near() {
    if (this.chat.group) return this.head();
    const x = await this.app.core.ask<{ here: boolean; last: number }>("near", { id: this.chat.id });
    if (!this.ended) this.head(x.here ? t("is here now") : x.last ? t("was here {when}", { when: recent(x.last) }) : "");
  }

  // writes shows the other side that this person writes.
  private writes(now: boolean) {
    clearTimeout(this.stops);
    if (now) this.stops = setTimeout(() => this.writes(false), 6000) as unknown as number;
    if (now === this.shown && Date.now() - this.since < 4000) return;
    if (!now && !this.shown) return;
    [this.shown, this.since] = [now, Date.now()];
    void this.app.core.ask("writing", { id: this.chat.id, now });
  }

  private head(moment = "") {
    const c = this.chat, sub = [c.group ? t("Group") : c.who ? under(c.who) : "", moment].filter(Boolean).join(" · ");
    const open = () => void (c.group ? group(this) : person(this)).catch((e) => this.say(e));
    put(this.title, h("button", { type: "button", class: "title", onclick: open }, h("h2", {}, h("bdi", {}, chatTitle(c))), sub ? h("span", { class: "sub" }, h("bdi", {}, sub)) : null, h("span", { class: "vh" }, t("Details"))));
  }

  async begin(at?: number) {
    this.order = await this.app.core.ask<number[]>("seqs", { id: this.chat.id });
    const first = at ? this.order.slice(Math.max(0, this.order.indexOf(at) - 30)).slice(0, 60) : this.order.slice(-40);
    await this.fetch(first);
    if (this.ended) return;
    this.list.set([...this.order]);
    if (at) { this.list.atEnd = false; this.list.show(at); } else { this.list.toEnd(); this.text.focus(); }
    this.seen();
    void this.near();
  }

  // update takes over what the list of chats knows anew: a group's name, and who
  // waits for this person's answer.
  update(c: Chat) {
    const other = chatTitle(c) !== chatTitle(this.chat), left = !!c.left !== !!this.chat.left, asks = String(c.waiting) !== String(this.chat.waiting);
    this.chat = c;
    if (left) return this.app.open(c);
    if (other) this.head();
    if (asks) for (const e of this.entries.values()) if (e.event?.act === ASKS) this.list.refresh(e.seq);
  }

  end() {
    this.writes(false);
    this.ended = true;
    clearTimeout(this.fades);
    this.recording?.end();
    for (const r of this.files.values()) r.end();
  }

  // file is the place of an entry's file, the same as long as it is shown.
  file(e: Entry): Row {
    const r = this.files.get(e.seq);
    if (r) r.update(e);
    else this.files.set(e.seq, new Row(this, e));
    return this.files.get(e.seq)!;
  }

  // moved shows how far a file is. What the core fetches by itself, since an
  // earlier start, is joined.
  moved(m: { move: string; done: number; total: number }) {
    const seq = Number(/^fetch (\d+)$/.exec(m.move)?.[1] ?? 0), e = this.entries.get(seq);
    if (e?.file && !this.fetching.has(seq)) void this.file(e).fetch();
    this.moving.get(m.move)?.to(m.done, m.total);
  }

  shownEntries(): Entry[] { return this.order.map((k) => this.entries.get(k)).filter((e): e is Entry => !!e && !e.deleted); }

  // takeReply is what the next message answers; it is asked once.
  takeReply(): number {
    const r = this.edits ? 0 : this.answers;
    if (r) this.plain();
    return r;
  }

  private async fetch(keys: number[]) {
    const want = keys.filter((k) => !this.asking.has(k) && !this.entries.has(k));
    if (!want.length) return;
    want.forEach((k) => this.asking.add(k));
    const got = await this.app.core.ask<Entry[]>("entries", { seqs: want });
    for (const e of got) { this.entries.set(e.seq, e); this.list.refresh(e.seq); }
    want.forEach((k) => this.asking.delete(k));
    const gone = want.filter((k) => !this.entries.has(k));
    if (gone.length) { this.order = this.order.filter((k) => !gone.includes(k)); this.list.set([...this.order]); }
  }

  entry(e: Entry) {
    const known = this.entries.has(e.seq) || this.order.includes(e.seq);
    this.entries.set(e.seq, e);
    if (this.watched.seq === e.seq && this.watched.in?.open) this.watched.f(e);
    if (known) return this.list.refresh(e.seq);
    if (this.order.length && !follows(this.entries.get(this.order.at(-1)!), e)) return this.reorder();
    this.order.push(e.seq);
    this.list.add(e.seq);
    if (this.list.atEnd) this.seen();
  }

  // reorder asks where the entries stand: what another device hands over, or what
  // comes late, belongs among those that are here.
  private reorder() {
    clearTimeout(this.sorts);
    this.sorts = setTimeout(async () => {
      const order = await this.app.core.ask<number[]>("seqs", { id: this.chat.id });
      if (this.ended) return;
      this.order = order;
      this.list.set([...order]);
      if (this.list.atEnd) this.seen();
    }, 60) as unknown as number;
  }

  // follow tells a dialog of what becomes of an entry while it is open.
  follow(seq: number, d: HTMLDialogElement, f: (e: Entry) => void) { this.watched = { seq, in: d, f }; }

  // place draws a place, and draws it anew when it is over.
  private place(e: Entry): HTMLElement {
    clearTimeout(this.over.get(e.seq));
    if (left(e)) this.over.set(e.seq, setTimeout(() => this.list.refresh(e.seq), Math.min(left(e) + 100, 2 ** 31 - 1)) as unknown as number);
    return placed(this, e);
  }

  gone({ seq }: { seq: number }) {
    this.files.get(seq)?.end();
    this.files.delete(seq);
    if (!this.entries.delete(seq) && !this.order.includes(seq)) return;
    this.order = this.order.filter((k) => k !== seq);
    this.list.set([...this.order]);
  }

  // renamed reads the people's names again.
  renamed(who: { id: string; name: string }) {
    if (this.chat.who?.id === who.id) { this.chat.who.name = who.name; this.head(); }
    const had = [...this.entries.keys()];
    void this.app.core.ask<Entry[]>("entries", { seqs: had }).then((all) => { for (const e of all) { this.entries.set(e.seq, e); this.list.refresh(e.seq); } });
  }

  // seen marks what is on the screen as read, if somebody looks at it.
  seen() { if (!document.hidden && !this.ended) void this.app.core.ask("shown", { id: this.chat.id }).then(() => this.app.later()); }

  say(e: unknown) { put(this.note, e ? problem(e) : ""); }

  private grow() {
    this.text.style.blockSize = "auto";
    this.text.style.blockSize = Math.min(this.text.scrollHeight + 2, 160) + "px";
  }

  private typing(e: KeyboardEvent) {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); void this.send(); }
    if (e.key === "Escape") this.plain();
    if (e.key === "ArrowUp" && !this.text.value) { e.preventDefault(); this.list.focus(); }
  }

  private async send() {
    const text = this.text.value.trim();
    if (!text) return;
    this.say(null);
    try {
      if (this.edits) await this.app.core.ask("edit", { seq: this.edits, text });
      else await this.app.core.ask("send", { id: this.chat.id, group: !!this.chat.group, text, reply: this.answers });
      this.text.value = "";
      this.writes(false);
      this.plain();
      this.grow();
      this.list.toEnd();
    } catch (e) { this.say(e); }
  }

  // plain ends answering or editing.
  private plain() {
    if (this.edits) this.text.value = "";
    this.answers = this.edits = 0;
    this.about.hidden = true;
  }

  private aim(what: string, e: Entry) {
    put(this.about, h("span", {}, h("b", {}, what), " ", h("bdi", {}, e.brief || (e.file ? fileWord(e.file) : ""))), icon(t("Not any more"), shapes.close, () => { this.plain(); this.text.focus(); }));
    this.about.hidden = false;
    this.text.focus();
  }

  reply(e: Entry) { this.plain(); this.answers = e.seq; this.aim(t("Answer to {who}:", { who: e.own ? t("You") : called(e.who) }), e); }
  edit(e: Entry) { this.plain(); this.edits = e.seq; this.text.value = e.typed ?? ""; this.aim(t("Edit:"), e); this.grow(); }

  // act does something with a message, and says what went wrong.
  async act(name: string, args: object, said = "") {
    try { await this.app.core.ask(name, args); this.say(null); if (said) announce(said); } catch (e) { this.say(e); }
  }

  private row(seq: number, at: number): HTMLLIElement {
    const e = this.entries.get(seq);
    if (!e) return h("li", { class: "waiting" }, h("span", { class: "vh" }, t("Loading")));
    const before = this.entries.get(this.order[at - 1] ?? -1);
    const day = !before || !sameDay(before.at, e.at) ? h("p", { class: "day" }, date(e.at)) : null;
    const said = happened(e);
    if (said) return h("li", { class: "event" + (e.kind === "safety-number" || e.event?.why ? " warn" : "") }, day, h("p", {}, said, " ", h("time", {}, hour(e.at))), this.next(e));
    return this.message(e, day, before);
  }

  // next is what a person can do about an event.
  private next(e: Entry): Node | null {
    if (e.kind === "safety-number") return h("button", { type: "button", class: "plain", onclick: () => void person(this).catch((x) => this.say(x)) }, t("Compare it"));
    if (e.event?.act === ASKS && e.event.who.some((w) => this.chat.waiting?.includes(w.id))) return h("button", { type: "button", class: "plain", onclick: () => void group(this).catch((x) => this.say(x)) }, t("Answer"));
    return null;
  }

  private message(e: Entry, day: Node | null, before?: Entry): HTMLLIElement {
    const who = e.own ? t("You") : called(e.who);
    const named = this.chat.group && !e.own && (day || !before || before.own || before.who?.id !== e.who?.id || !!happened(before));
    const bubble = h("div", { class: "bubble" },
      h("span", { class: named ? "by" : "vh" }, h("bdi", {}, who), named ? "" : ": "),
      e.reply && !e.deleted ? this.quoted(e) : null,
      e.file ? this.file(e).box : null,
      e.place && !e.deleted ? this.place(e) : null,
      h("p", { class: "said" + (e.deleted ? " deleted" : ""), dir: "auto", hidden: !e.deleted && !!(e.file || e.place) && !e.text }, ...(e.deleted ? [t("Deleted message")] : (e.runs ?? []).map(styled))),
      this.foot(e),
      e.reactions.length ? h("p", { class: "reactions" }, ...e.reactions.map((r) => h("span", { title: called(r.who) }, r.emoji, h("span", { class: "vh" }, " " + called(r.who))))) : null);
    const more = e.deleted && !e.own ? null : icon(t("What to do with this message"), shapes.more, () => menu(this, e), { class: "icon more", tabIndex: -1 });
    const li = h("li", { class: "message " + (e.own ? "own" : "theirs") }, day, h("div", { class: "bubbles" }, bubble, more));
    li.addEventListener("keydown", (k) => { if (k.target === li && (k.key === "Enter" || k.key === " ")) { k.preventDefault(); menu(this, e); } });
    return li;
  }

  private quoted(e: Entry): Node {
    const r = e.reply!;
    if (!r.here) return h("p", { class: "quote" }, t("Answers a message that is not here"));
    const words = h("span", {}, h("b", {}, h("bdi", {}, r.own ? t("You") : called(r.who))), " ", h("bdi", {}, r.deleted ? t("Deleted message") : r.text || (r.file ? fileWord(r.file) : r.place ? t("Place") : "")));
    return h("button", { type: "button", class: "quote", tabIndex: -1, onclick: () => { this.list.atEnd = false; this.list.show(r.seq!); } }, h("span", { class: "vh" }, t("Answers") + " "), words);
  }

  private foot(e: Entry): Node {
    const [mark, words] = e.own && !e.deleted ? status(e) : ["", ""];
    const bad = !e.deleted && (e.state === "failed" || e.state === "held");
    return h("p", { class: "foot" + (bad ? " bad" : "") }, e.edited ? t("edited") + " · " : null, e.timer ? h("span", { title: t("Disappears after {time}", { time: lasting(e.timer) }) }, "◔", h("span", { class: "vh" }, " " + t("Disappears after {time}", { time: lasting(e.timer) }) + " "), " ") : null,
      h("time", { title: moment(e.at) }, hour(e.at)), mark ? h("span", { class: "mark" + (e.read ? " read" : ""), title: words }, " ", h("span", { "aria-hidden": "true" }, mark), bad ? " " + words : h("span", { class: "vh" }, " " + words)) : null);
  }
}

// follows says that an entry stands after the last one for certain.
function follows(last: Entry | undefined, e: Entry): boolean {
  const at = (x: Entry) => x.sent || x.at;
  return !!last && at(e) > at(last);
}

export function styled(r: Run): Node | string {
  let out: Node | string = r.text;
  for (const look of r.look) {
    if (look === "spoiler") {
      const inner = out, b: HTMLButtonElement = h("button", { type: "button", class: "spoiler", "aria-label": t("Hidden: press to show"), tabIndex: -1, onclick: () => b.replaceWith(inner) }, "▒▒▒▒▒");
      out = b;
    } else out = h(({ bold: "strong", italic: "em", strike: "s", mono: "code", mention: "b" } as const)[look as "bold"] ?? "span", {}, out);
  }
  return out;
}
