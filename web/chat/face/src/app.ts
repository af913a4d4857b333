// The page as a whole: gate, list of chats, one conversation beside it.
import { Core, type Problem } from "./core";
import { remind } from "./push";
import { h, icon, put, shapes } from "./dom";
import { devices, unlinked } from "./devices";
import { Gate, problem } from "./gate";
import { brief, called, chatTitle, happened, newMessages } from "./say";
import { settings } from "./settings";
import { begin } from "./begin";
import { serviceNotices } from "./notices";
import { install, newer } from "./installed";
import { Opened } from "./opened";
import { endPlaces } from "./place";
import { statuses } from "./status";
import { Talk } from "./talk";
import type { Chat, Entry } from "./types";
import { lang, n, recent, rtl, t, told } from "./words";

const root = document.getElementById("app")!, live = document.getElementById("live")!;
document.documentElement.lang = lang;
document.documentElement.dir = rtl ? "rtl" : "ltr";

// announce says something to whoever does not look.
export function announce(words: string) { put(live, words); }

const PARTING = 4000; // milliseconds; a core that is well answers within three seconds

type Line = { open: boolean; problem?: Problem };

export class App {
  me = { account: "", phone: "" };
  chats: Chat[] = [];
  talk: Talk | null = null;
  readonly opened: Opened;
  private nav = h("ul", { class: "chats" });
  private pane = h("section", { class: "pane", "aria-label": t("Conversation") });
  private state = h("p", { class: "line", role: "status" });
  private query = h("input", { type: "search", id: "search", "aria-label": t("Search messages"), placeholder: t("Search messages"), autocomplete: "off" });
  private found = h("ul", { class: "chats found", hidden: true });
  private soon = 0;
  private typed = 0;
  private wire: Line = { open: false }; // as the worker has it: it may be open before the browser says that there is a network
  private idle = 0;
  private locks = false;
  private service = 0;
  private status = icon(t("Status updates"), shapes.ring, () => void statuses(this));
  whenStatus = () => {};
  whenLoaded = () => {}; // what is open follows
  private news = h("div", {});

  constructor(public core: Core) {
    this.opened = new Opened(core);
    core.on("entry", (e: Entry) => this.entry(e)).on("gone", (e) => { this.talk?.gone(e); this.whenStatus(); this.later(); })
      .on("line", (l) => this.line(this.wire = l)).on("name", (who) => { this.later(); this.talk?.renamed(who); }).on("sign", (s) => this.talk?.sign(s))
      .on("unlinked", (v) => this.erased(v.phone)).on("moved", (m) => this.talk?.moved(m));
    for (const kind of ["online", "offline"]) addEventListener(kind, () => { void core.ask("online", { online: kind === "online" }); this.line(kind === "online" ? this.wire : { open: false }); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { void core.ask("online", { online: true }); this.talk?.seen(); } });
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => this.touched(), { passive: true });
  }

  enter(me: { account: string; phone: string }) {
    this.me = me;
    document.title = "Letterlock";
    const head = h("header", { class: "bar" }, h("h1", {}, t("Chats")),
      this.status, icon(t("New chat or group"), shapes.plus, () => begin(this)), icon(t("Settings"), shapes.gear, () => settings(this)), icon(t("Lock"), shapes.lock, () => void this.lock()));
    this.query.addEventListener("input", () => { clearTimeout(this.typed); this.typed = setTimeout(() => void this.search(), 150) as unknown as number; });
    const update = h("div", {});
    newer(update);
    const side = h("nav", { class: "side", "aria-label": t("Chats") }, head, update, this.news, h("div", { class: "find" }, this.query), this.state, this.found, this.nav);
    put(root, h("a", { class: "skip", href: "#main" }, t("To the conversation")), h("div", { class: "app" }, side, h("main", { id: "main", tabIndex: -1 }, this.pane)));
    this.nothing();
    this.touched();
    this.line({ open: false });
    void this.load();
    void remind(this).catch(() => {}); // the next unlock tells it
    addEventListener("hashchange", () => this.hash());
    this.nav.addEventListener("keydown", (e) => arrows(e, this.nav));
    this.found.addEventListener("keydown", (e) => arrows(e, this.found));
  }

  private hash() {
    const join = /^#join=(.+)/.exec(location.hash);
    if (join) { history.replaceState(null, "", "."); begin(this, decodeURIComponent(join[1]!)); }
  }

  // lock ends the worker: keys and messages leave the memory with it. Nothing is
  // on the screen from here on; the worker ends once the carrier has what was sent
  // last. What could not leave stays in the sealed store and goes after the next
  // unlock.
  async lock() {
    if (this.locks) return;
    this.locks = true;
    this.bare();
    put(root, h("main", { class: "gate", id: "main" }, h("p", { role: "status" }, t("Locking …"))));
    await Promise.race([this.depart().catch(() => {}), new Promise((late) => setTimeout(late, PARTING))]);
    this.core.end();
    location.reload();
  }

  private async depart() {
    await endPlaces(this);
    if (this.wire.open) await this.core.ask("depart");
  }

  // bare takes away what the page shows and holds.
  private bare() {
    clearTimeout(this.idle);
    clearTimeout(this.soon);
    this.talk?.end();
    this.talk = null;
    this.chats = [];
    document.body.classList.remove("talking");
    for (const d of document.querySelectorAll("dialog")) d.remove();
    put(live);
    document.title = "Letterlock";
  }

  // erased is after this device was unlinked: nothing of it stays in the memory.
  private erased(phone: string) {
    this.core.end();
    this.bare();
    unlinked(root, phone);
  }

  private touched() {
    clearTimeout(this.idle);
    const minutes = Number(localStorage.getItem("lock") ?? "30");
    if (minutes > 0) this.idle = setTimeout(() => void this.lock(), minutes * 60_000) as unknown as number;
  }

  private line(l: Line) {
    const words = l.problem ? told(l.problem) : l.open ? "" : navigator.onLine ? t("Connecting …") : t("No network. What you write is sent when it is back.");
    put(this.state, words);
    this.state.hidden = !words;
  }

  async load() {
    this.chats = await this.core.ask<Chat[]>("chats");
    this.service = (await this.core.ask<Entry[]>("notices")).length;
    this.fresh(await this.core.ask<number>("statusNews"));
    put(this.nav, ...(this.service ? [this.serviceItem()] : []), ...this.chats.map((c) => this.item(c)));
    if (!this.chats.length && !this.service) put(this.nav, h("li", { class: "empty" }, t("No chats yet. Begin one with a phone number.")));
    const open = this.chats.find((c) => c.id === this.talk?.chat.id);
    if (open) this.talk!.update(open);
    const unread = this.chats.reduce((sum, c) => sum + c.unread, 0);
    document.title = unread ? `(${unread}) Letterlock` : "Letterlock";
    this.hash();
    this.whenLoaded();
  }

  // fresh shows how many statuses were not looked at.
  private fresh(count: number) {
    const words = count ? n(count, "{n} new status update", "{n} new status updates") : t("Status updates");
    this.status.setAttribute("aria-label", words);
    this.status.title = words;
    this.status.classList.toggle("news", count > 0);
  }

  later() {
    if (this.locks) return;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.load(), 60) as unknown as number;
  }

  private serviceItem(): HTMLLIElement {
    return h("li", {}, h("button", { type: "button", class: "chat", onclick: () => void serviceNotices(this) }, h("span", { class: "name" }, t("Notices from the service")), h("span", { class: "last" }, t("Who asked for data about you"))));
  }

  private item(c: Chat): HTMLLIElement {
    const open = this.talk?.chat.id === c.id;
    return h("li", {}, h("button", { type: "button", class: "chat" + (c.unread ? " unread" : ""), "aria-current": open ? "true" : null, onclick: () => this.open(c) },
      h("span", { class: "name" }, h("bdi", {}, chatTitle(c))), c.last ? h("time", {}, recent(c.last.at)) : null,
      h("span", { class: "last" }, h("bdi", {}, c.last ? brief(c.last, c.group) : t("Nothing was written yet"))),
      c.unread ? h("span", { class: "count" }, h("span", { "aria-hidden": "true" }, String(c.unread)), h("span", { class: "vh" }, newMessages(c.unread))) : null));
  }

  private nothing() {
    put(this.pane, h("p", { class: "empty" }, t("Choose a chat, or begin one.")));
    document.body.classList.remove("talking");
  }

  open(c: Chat, at?: number) {
    this.talk?.end();
    this.talk = new Talk(this, c);
    put(this.pane, this.talk.box);
    document.body.classList.add("talking");
    void this.talk.begin(at).catch((e) => announce(problem(e)));
    this.mark();
  }

  close() {
    const id = this.talk?.chat.id;
    this.talk?.end();
    this.talk = null;
    this.nothing();
    this.mark();
    const at = this.chats.findIndex((c) => c.id === id);
    (this.nav.querySelectorAll("button")[at + (this.service ? 1 : 0)] as HTMLElement | undefined)?.focus();
  }

  private mark() {
    const first = this.service ? 1 : 0;
    this.nav.querySelectorAll("button").forEach((b, i) => { if (this.chats[i - first]?.id === this.talk?.chat.id && this.talk) b.setAttribute("aria-current", "true"); else b.removeAttribute("aria-current"); });
  }

  private entry(e: Entry) {
    if (this.locks) return;
    if (e.kind === "status") { this.whenStatus(); return this.later(); }
    if (e.kind === "devices" && e.own) return this.changed(e);
    const open = this.talk?.chat.id === e.talk;
    if (open) this.talk!.entry(e);
    if (!e.own && (e.kind === "message" || happened(e)) && Date.now() - e.at < 60_000) announce(open ? brief(e, true) : `${called(e.who)}: ${brief(e)}`);
    this.later();
  }

  // changed says that this person has another device, or one less.
  private changed(e: Entry) {
    if (document.querySelector("dialog[open] .devices")) return announce(happened(e)); // it was this person, just now
    put(this.news, h("div", { class: "update", role: "alert" }, happened(e), " ", h("button", { type: "button", class: "plain", onclick: () => { put(this.news); void devices(this); } }, t("Look at your devices"))));
  }

  private async search() {
    const query = this.query.value.trim();
    this.found.hidden = !query;
    this.nav.hidden = !!query;
    if (!query) return;
    const all = await this.core.ask<Entry[]>("search", { query });
    if (this.query.value.trim() !== query) return;
    announce(all.length ? n(all.length, "{n} message found", "{n} messages found") : t("Nothing found"));
    put(this.found, ...(all.length ? all.map((e) => this.hit(e)) : [h("li", { class: "empty" }, t("Nothing found"))]));
  }

  private hit(e: Entry): HTMLLIElement {
    const chat = this.chats.find((c) => c.id === e.talk) ?? { id: e.talk, unread: 0, who: e.who };
    return h("li", {}, h("button", { type: "button", class: "chat", onclick: () => this.open(chat, e.seq) },
      h("span", { class: "name" }, h("bdi", {}, chatTitle(chat))), h("time", {}, recent(e.at)), h("span", { class: "last" }, h("bdi", {}, brief(e, chat.group)))));
  }
}

// arrows moves between the buttons of a list.
function arrows(e: KeyboardEvent, list: HTMLElement) {
  const all = [...list.querySelectorAll("button")], at = all.indexOf(document.activeElement as HTMLButtonElement);
  const to = ({ ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 } as Record<string, number>)[e.key];
  if (to === undefined || at < 0 || !all[to]) return;
  e.preventDefault();
  all[to]!.focus();
}

void install();
const core = new Core();
core.on("ready", () => { void new Gate(core, root, (me) => new App(core).enter(me)).show(); })
  .on("taken", () => put(root, h("main", { class: "gate", id: "main" }, h("h1", {}, t("Open in another tab")), h("p", {}, t("Letterlock is open in another tab of this browser. Close it there first.")), h("p", {}, h("button", { type: "button", class: "main", onclick: () => location.reload() }, t("Try again"))))))
  .on("broken", (say) => put(root, h("main", { class: "gate", id: "main" }, h("h1", {}, t("This does not work here")), h("p", { role: "alert" }, String(say)))));
