// What a person chooses, and what they can see of what is kept about them.
import type { App } from "./app";
import { devices } from "./devices";
import { dialog, field, h, put } from "./dom";
import { form, languages, problem } from "./gate";
import { close, lock, number, type Me } from "./lock";
import { waking } from "./push";
import { tileHost, tilesChosen } from "./map";
import { lasting, moment, t } from "./words";

export type Fact = { title: string; value: string };
type Reach = { time: number; processes: { place: string; name: string; locked: string; facts: Fact[] }[] };

export async function settings(app: App) {
  const { core } = app;
  const [choices, me, profile] = await Promise.all([core.ask("choices"), core.ask<Me>("me"), core.ask("profile").catch(() => null)]);
  app.me.phone = me.phone;
  const said = (): HTMLElement => h("p", { role: "status", class: "good" });
  const saved: HTMLElement = said(), changed = said();
  const [one, name] = field(t("Your name"), { maxLength: 60, value: profile?.name ?? "" });
  const [two, about] = field(t("About you"), { maxLength: 120, value: profile?.about ?? "" });
  const shows = ["delivered", "read", "writing", "online"].map((k) => h("input", { type: "checkbox", name: k, checked: choices[k] }));
  const labels = [t("Tell people that their messages arrived"), t("Tell people that you read their messages"), t("Show people that you are writing"), t("Show people you wrote to that you are here")];
  const minutes = h("select", { id: "lock-after", onchange: () => localStorage.setItem("lock", minutes.value) }, ...[5, 30, 240, 0].map((m) => h("option", { value: String(m), selected: String(m) === (localStorage.getItem("lock") ?? "30") }, m ? lasting(m * 60) : t("Never"))));
  const [three, old] = field(t("Passphrase"), { type: "password", autocomplete: "current-password", required: true });
  const [four, next] = field(t("New passphrase"), { type: "password", autocomplete: "new-password", required: true, minLength: 8 }, t("At least 8 characters. Several words are better than one. Nobody can reset it."));
  dialog(t("Settings"), t("Close"),
    h("p", {}, t("Your number:"), " ", h("bdi", { dir: "ltr" }, app.me.phone)),
    h("section", {}, h("h3", {}, t("Your profile")), profile ? form(t("Save the profile"), async () => { await core.ask("setProfile", { name: name.value.trim(), about: about.value.trim() }); put(saved, t("Saved.")); }, one, two) : h("p", {}, t("It can be changed when there is a network.")), saved),
    h("section", {}, h("h3", {}, t("What others see")), ...shows.map((box, i) => h("label", { class: "check" }, box, " ", labels[i]!)),
      h("p", { class: "small" }, t("Who hides something does not see it of others either."))),
    h("section", {}, h("h3", {}, t("Your account")), h("div", { class: "items" }, go(t("Your devices"), () => devices(app)), go(t("Registration lock"), () => lock(app)), go(t("Change of number"), () => number(app)), go(t("Close the account"), () => close(app)))),
    waking(app),
    h("section", {}, h("h3", {}, t("This device")), languages(), tiles(), h("p", { class: "field" }, h("label", { for: "lock-after" }, t("Lock when nothing happens for")), minutes)),
    h("details", {}, h("summary", {}, t("Another passphrase")), form(t("Change the passphrase"), async () => { await core.ask("passphrase", { old: old.value, new: next.value }); old.value = next.value = ""; put(changed, t("Changed.")); }, three, four), changed),
    later(t("What the service keeps about you"), () => kept(app)), later(t("What could be handed over about you"), () => reach(app)),
    h("p", {}, h("a", { href: "about.html" }, t("What you trust when you open this page"))));
  for (const box of shows) box.addEventListener("change", () => void core.ask("choose", Object.fromEntries(shows.map((b) => [b.name, b.checked]))));
}

// tiles is the choice of a map drawn elsewhere, where whoever built the page named one.
function tiles(): HTMLElement | null {
  if (!tileHost) return null;
  const box = h("input", { type: "checkbox", checked: tilesChosen(), onchange: () => localStorage.setItem("tiles", box.checked ? "on" : "off") });
  return h("label", { class: "check" }, box, " ", t("Draw maps with pictures from {host}. It then sees your address and which places you look at.", { host: tileHost }));
}

// go leads to a page of its own.
const go = (label: string, open: () => Promise<void>) => h("button", { type: "button", class: "item", onclick: () => void open() }, label, " …");

// later is a part that is asked for when it is opened.
function later(title: string, load: () => Promise<Node>): HTMLElement {
  const into = h("div", { role: "status" }, t("Loading")), d = h("details", {}, h("summary", {}, title), into);
  d.addEventListener("toggle", () => { if (d.open) load().then((x) => put(into, x)).catch((e) => put(into, h("p", { class: "problem" }, problem(e)))); });
  return d;
}

export const facts = (all: Fact[]) => h("dl", { class: "facts" }, ...all.map((f) => h("div", {}, h("dt", {}, f.title), h("dd", {}, h("bdi", {}, f.value)))));

async function kept(app: App): Promise<Node> {
  const x = await app.core.ask<{ time: number; facts: Fact[] }>("export");
  return h("div", {}, h("p", {}, moment(x.time)), facts(x.facts), h("p", {}, t("What you write is not among it: the service cannot read that.")));
}

// reach puts processes that would yield the same together, most first.
async function reach(app: App): Promise<Node> {
  const x = await app.core.ask<Reach>("reach"), alike = new Map<string, Reach["processes"]>();
  for (const p of x.processes) alike.set(JSON.stringify(p.facts), [...(alike.get(JSON.stringify(p.facts)) ?? []), p]);
  const all = [...alike.values()].sort((a, b) => b[0]!.facts.length - a[0]!.facts.length);
  return h("div", {}, h("p", {}, t("After a trained person has reviewed a request and two others have signed what is released:")), ...all.map((g) => h("section", {}, h("ul", {}, ...g.map((p) => h("li", {}, `${p.place}, ${p.name}`, p.locked ? ` (${p.locked})` : ""))), g[0]!.facts.length ? facts(g[0]!.facts) : h("p", {}, t("nothing")))));
}
