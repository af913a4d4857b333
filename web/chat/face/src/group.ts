// A group: who is in it, and what one may change. While it is open it follows
// what others change; a part in which nothing changed keeps what is typed in it.
import { members, timer } from "./begin";
import { dialog, field, h, put } from "./dom";
import { form, problem } from "./gate";
import { called, under } from "./say";
import type { Talk } from "./talk";
import type { Group, Member, Who } from "./types";
import { lasting, n, said, t } from "./words";

const roles: Record<string, string> = { owner: said("Owner"), admin: said("Admin"), member: "" };

export async function group(talk: Talk) {
  const { core } = talk.app, id = talk.chat.id;
  const body = h("div", {}), say = h("p", { role: "alert", class: "problem" });
  const d = dialog(talk.chat.title || t("Group"), t("Close"), say, body);
  const kept = new Map<string, { is: string; box: HTMLElement }>();
  const part = <T extends HTMLElement>(name: string, about: unknown, make: () => T): T => {
    const is = JSON.stringify(about), old = kept.get(name);
    if (old?.is !== is) kept.set(name, { is, box: make() });
    return kept.get(name)!.box as T;
  };
  const change = async (name: string, args: object = {}) => { show(await core.ask<Group>(name, { id, ...args })); talk.app.later(); };
  const press = (label: string, name: string, args: object, about = "") => h("button", { type: "button", "aria-label": about ? `${label}: ${about}` : null, onclick: () => { put(say); change(name, args).catch((e) => put(say, problem(e))); } }, label);

  function person(w: Who, ...buttons: (Node | null)[]): HTMLLIElement {
    return h("li", {}, h("span", {}, h("bdi", {}, called(w)), " ", h("small", {}, h("bdi", {}, w.me ? "" : under(w)))), h("span", { class: "row" }, ...buttons));
  }

  function member(g: Group, m: Member): HTMLLIElement {
    const owner = g.own === "owner", admin = owner || g.own === "admin", who = { who: m.who.id }, name = called(m.who), other = !m.who.me && !g.left;
    const more = other && (owner ? m.role !== "owner" : admin && m.role === "member");
    return person(m.who, roles[m.role] ? h("span", { class: "badge" }, t(roles[m.role]!)) : null, !more ? null : h("details", { class: "drop" }, h("summary", {}, t("Change"), h("span", { class: "vh" }, " " + name)),
      owner && m.role === "member" ? press(t("Make an admin"), "groupRole", { ...who, admin: true }, name) : null, owner && m.role === "admin" ? press(t("Make a plain member"), "groupRole", who, name) : null,
      owner ? press(t("Make the owner"), "groupHandOver", who, name) : null, press(t("Remove from the group"), "groupRemove", who, name)));
  }

  let shown = "";
  function show(g: Group) {
    if (shown === (shown = JSON.stringify(g))) return;
    const admin = !g.left && (g.own === "owner" || g.own === "admin"), at = document.activeElement as HTMLElement | null;
    put(d.querySelector("h2")!, g.name || t("Group"));
    put(body, g.left ? h("p", {}, t("You are no longer in this group.")) : null,
      g.waiting.length && admin ? h("section", {}, h("h3", {}, t("Waiting to be let in")), h("ul", { class: "people" }, ...g.waiting.map(asks))) : null,
      h("section", {}, h("h3", {}, n(g.members.length, "{n} member", "{n} members")), h("ul", { class: "people" }, ...g.members.map((m) => part("member " + m.who.id, [m, g.own, g.left], () => member(g, m))))),
      admin ? part("adding", g.members.map((m) => m.who.id), () => adding(g)) : null, admin ? part("name", g.name, () => renaming(g)) : null, admin ? part("link", [g.link, g.approval], () => link(g)) : null,
      admin ? part("timer", g.timer, () => fading(g)) : null, g.left ? null : part("leaving", [g.own, g.members.length > 1], () => leaving(g)));
    if (at?.isConnected && body.contains(at)) at.focus();
  }

  const asks = (w: Who) => part("asks " + w.id, w, () => person(w, press(t("Let in"), "groupAnswer", { who: w.id, yes: true }, called(w)), press(t("Turn away"), "groupAnswer", { who: w.id }, called(w))));

  const fading = (g: Group) => h("section", {}, h("h3", {}, t("Disappearing messages")), timer(g.timer, async (seconds) => { await core.ask("setTimer", { id, group: true, seconds }); d.close(); }, lasting));

  const leaving = (g: Group) => h("section", {}, h("h3", {}, t("Leaving")), g.own === "owner" && g.members.length > 1 ? h("p", {}, t("Make somebody else the owner first.")) : form(t("Leave the group"), async () => { await change("groupLeave"); d.close(); await talk.app.load(); talk.app.close(); }));

  function adding(g: Group): HTMLElement {
    const people = members(talk.app, g.members.map((m) => m.who.id));
    return h("section", {}, h("h3", {}, t("Add people")), form(t("Add them"), () => change("groupAdd", { phones: people.phones() }), people.box));
  }

  function renaming(g: Group): HTMLElement {
    const [one, name] = field(t("Name of the group"), { required: true, maxLength: 100, value: g.name });
    return h("section", {}, h("h3", {}, t("Name")), form(t("Rename it"), async () => change("groupRename", { name: name.value.trim() }), one));
  }

  function link(g: Group): HTMLElement {
    const ask = h("input", { type: "checkbox", checked: g.approval });
    return h("section", {}, h("h3", {}, t("Invitation link")), g.link ? h("p", { class: "link", dir: "ltr" }, h("code", {}, g.link)) : h("p", {}, t("There is no link. Whoever has one can ask to be let in.")),
      form(g.link ? t("Replace the link") : t("Open a link"), () => change("groupLink", { open: true, approval: ask.checked }), h("label", { class: "check" }, ask, " ", t("An admin says yes to each"))),
      g.link ? h("p", { class: "row" }, h("button", { type: "button", onclick: () => void navigator.clipboard.writeText(g.link) }, t("Copy the link")), press(t("Close the link"), "groupLink", {})) : null);
  }

  const follow = async () => { if (d.open) try { show(await core.ask<Group>("group", { id })); } catch (e) { put(say, problem(e)); } };
  talk.app.whenLoaded = () => void follow();
  await follow();
}
