// A group: who is in it, and what one may change.
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

  function show(g: Group) {
    const admin = !g.left && (g.own === "owner" || g.own === "admin");
    put(body, g.left ? h("p", {}, t("You are no longer in this group.")) : null,
      g.waiting.length ? h("section", {}, h("h3", {}, t("Waiting to be let in")), h("ul", { class: "people" }, ...g.waiting.map((w) => person(w, press(t("Let in"), "groupAnswer", { who: w.id, yes: true }, called(w)), press(t("Turn away"), "groupAnswer", { who: w.id }, called(w)))))) : null,
      h("section", {}, h("h3", {}, n(g.members.length, "{n} member", "{n} members")), h("ul", { class: "people" }, ...g.members.map((m) => member(g, m)))),
      admin ? adding(g) : null, admin ? renaming(g) : null, admin ? link(g) : null,
      admin ? h("section", {}, h("h3", {}, t("Disappearing messages")), timer(g.timer, async (seconds) => { await core.ask("setTimer", { id, group: true, seconds }); d.close(); }, lasting)) : null,
      g.left ? null : h("section", {}, h("h3", {}, t("Leaving")), g.own === "owner" && g.members.length > 1 ? h("p", {}, t("Make somebody else the owner first.")) : form(t("Leave the group"), async () => { await change("groupLeave"); d.close(); await talk.app.load(); talk.app.close(); })));
  }

  function adding(g: Group): HTMLElement {
    const people = members(talk.app, g.members.map((m) => m.who.id));
    return h("section", {}, h("h3", {}, t("Add people")), form(t("Add them"), () => change("groupAdd", { phones: people.phones() }), people.box));
  }

  function renaming(g: Group): HTMLElement {
    const [one, name] = field(t("Name of the group"), { required: true, maxLength: 100, value: g.name });
    return h("section", {}, h("h3", {}, t("Name")), form(t("Rename it"), async () => { await change("groupRename", { name: name.value.trim() }); put(d.querySelector("h2")!, name.value.trim()); }, one));
  }

  function link(g: Group): HTMLElement {
    const ask = h("input", { type: "checkbox", checked: g.approval });
    return h("section", {}, h("h3", {}, t("Invitation link")), g.link ? h("p", { class: "link", dir: "ltr" }, h("code", {}, g.link)) : h("p", {}, t("There is no link. Whoever has one can ask to be let in.")),
      form(g.link ? t("Replace the link") : t("Open a link"), () => change("groupLink", { open: true, approval: ask.checked }), h("label", { class: "check" }, ask, " ", t("An admin says yes to each"))),
      g.link ? h("p", { class: "row" }, h("button", { type: "button", onclick: () => void navigator.clipboard.writeText(g.link) }, t("Copy the link")), press(t("Close the link"), "groupLink", {})) : null);
  }

  try { show(await core.ask<Group>("group", { id })); } catch (e) { put(say, problem(e)); }
}
