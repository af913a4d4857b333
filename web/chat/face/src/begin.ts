// Beginning something: a chat, a group, or asking to be let into one.
import type { App } from "./app";
import { dialog, field, h, put } from "./dom";
import { form } from "./gate";
import { chatTitle } from "./say";
import type { Group, Who } from "./types";
import { t } from "./words";

const telephone = { type: "tel", required: true, placeholder: "+441632960011", dir: "ltr" };

export function begin(app: App, link = "") {
  const [one, phone] = field(t("Phone number"), { ...telephone, autofocus: !link }, t("In international form."));
  const [two, name] = field(t("Name of the group"), { required: true, maxLength: 100 });
  const [three, url] = field(t("Invitation link"), { required: true, value: link, dir: "ltr" });
  const people = members(app);
  const d = dialog(t("New chat or group"), t("Close"),
    h("section", {}, h("h3", {}, t("Write to somebody")), form(t("Begin the chat"), async () => {
      const who = await app.core.ask<Who>("find", { phone: phone.value });
      d.close();
      app.open(app.chats.find((c) => c.id === who.id) ?? { id: who.id, unread: 0, who });
    }, one)),
    h("section", {}, h("h3", {}, t("Begin a group")), form(t("Begin the group"), async () => {
      const g = await app.core.ask<Group>("groupNew", { name: name.value.trim(), phones: people.phones() });
      d.close();
      await app.load();
      app.open(app.chats.find((c) => c.id === g.id)!);
    }, two, people.box)),
    h("section", {}, h("h3", {}, t("Join a group")), form(t("Ask to be let in"), async () => {
      const asked = await app.core.ask<string>("groupJoin", { link: url.value.trim() });
      put(d.querySelector(".asked")!, t("{phone} was asked. The group appears when their program has answered.", { phone: asked }));
    }, three), h("p", { class: "asked", role: "status" })));
}

// members chooses people: those one talks with, and numbers.
export function members(app: App, without: string[] = [], legend = t("Who is in it"), chosen: string[] = []): { box: HTMLElement; phones: () => string[] } {
  const known = app.chats.filter((c) => !c.group && c.who?.phone && c.who.confirmed && !without.includes(c.id));
  const boxes = known.map((c) => h("input", { type: "checkbox", value: c.who!.phone!, checked: chosen.includes(c.who!.phone!) }));
  const [more, numbers] = field(t("Other phone numbers"), { type: "text", placeholder: "+441632960011, +441632960012", dir: "ltr" }, t("Separate several with commas."));
  const box = h("fieldset", {}, h("legend", {}, legend), ...known.map((c, i) => h("label", { class: "check" }, boxes[i]!, " ", h("bdi", {}, chatTitle(c)), " ", h("small", {}, h("bdi", {}, c.who!.phone!)))), more);
  return { box, phones: () => [...boxes.filter((b) => b.checked).map((b) => b.value), ...numbers.value.split(",").map((s) => s.trim()).filter(Boolean)] };
}

// timer is the choice of a time after which messages disappear.
export function timer(now: number, set: (seconds: number) => Promise<void>, lasting: (s: number) => string): HTMLElement {
  const id = "timer", times = [0, 30, 300, 3600, 28800, 86400, 604800, 2419200];
  if (!times.includes(now)) times.push(now);
  const s = h("select", { id }, ...times.map((x) => h("option", { value: String(x), selected: x === now }, x ? lasting(x) : t("They stay"))));
  return form(t("Set the timer"), () => set(Number(s.value)), h("p", { class: "field" }, h("label", { for: id }, t("New messages disappear after")), s));
}
