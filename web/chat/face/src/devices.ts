// Devices of one person: which there are, linking one, unlinking one.
import type { App } from "./app";
import type { Core } from "./core";
import { dialog, field, h, icon, put, shapes } from "./dom";
import { form, page, problem } from "./gate";
import { happened } from "./say";
import { camera, drawn } from "./scan";
import type { Entry } from "./types";
import { day, moment, t } from "./words";

type Device = { id: number; name: string; type: string; this: boolean; primary: boolean; added: string; active: string };
type List = { primary: boolean; devices: Device[]; news: Entry[] };
type Reader = { name: string; type: string; code: string };

const kind = (type: string) => (type === "browser" ? t("Browser") : type === "terminal" ? t("Terminal") : type);
const title = (d: Device) => d.name || (d.primary ? t("The device you registered with") : t("Device {n}", { n: d.id }));

export async function devices(app: App) {
  const { core } = app, body = h("div", { class: "devices" }), say = h("p", { role: "alert", class: "problem" }), done = h("p", { role: "status", class: "good" });
  const d = dialog(t("Your devices"), t("Close"), say, done, body);
  d.addEventListener("close", () => void core.ask("linkEnd"));
  const show = async (words = "") => { const x = await core.ask<List>("devices"); put(done, words); put(body, ...content(x)); };

  function content(x: List): Node[] {
    return [h("p", {}, t("Each has keys of its own. What you write and read appears on all of them. The service learns neither their names nor when you use which.")),
      h("ul", { class: "people" }, ...x.devices.map((v) => item(v, x.primary))),
      x.primary ? linking() : h("p", {}, t("Devices are linked and unlinked on the one that you registered with.")),
      x.news.length ? h("section", {}, h("h3", {}, t("What changed")), h("ul", { class: "people" }, ...x.news.slice(0, 10).map((e) => h("li", {}, h("span", {}, happened(e)), h("small", {}, moment(e.at)))))) : h("span", {}),
      x.primary ? h("span", {}) : leaving()];
  }

  function item(v: Device, primary: boolean): HTMLLIElement {
    const facts = [kind(v.type), v.added ? t("linked on {day}", { day: day(v.added) }) : "", v.this ? "" : v.active ? t("last active on {day}", { day: day(v.active) }) : t("not heard of yet")].filter(Boolean).join(" · ");
    const [one, name] = field(t("Name of the device"), { required: true, maxLength: 40, value: v.name });
    return h("li", {}, h("span", {}, h("bdi", {}, title(v)), " ", v.this ? h("span", { class: "badge" }, t("This device")) : v.primary ? h("span", { class: "badge" }, t("Registered")) : null, h("br"), h("small", {}, facts)),
      h("span", { class: "row" }, h("details", { class: "drop" }, h("summary", {}, t("Change"), h("span", { class: "vh" }, " " + title(v))),
        form(t("Name it"), async () => { await core.ask("nameDevice", { device: v.id, name: name.value.trim() }); await show(t("Named. Your other devices learn it, nobody else.")); }, one),
        primary && !v.this ? h("div", {}, h("p", {}, t("Unlinked, it gets nothing from then on and erases what it has. People you write to are told.")), form(t("Unlink {name}", { name: title(v) }), async () => {
          await core.ask("removeDevice", { device: v.id });
          await show(t("Unlinked. It gets nothing any more."));
        })) : null)));
  }

  function linking(): HTMLElement {
    const into = h("div", {}), [one, link] = field(t("Link of the new device"), { required: true, dir: "ltr", placeholder: "letterlock-device:…" }, t("Paste it, or read its code with the camera."));
    const first = h("div", {}, form(t("Go on"), () => read(link.value.trim()), one), camera(t("Read the code with the camera"), (code) => {
      link.value = new TextDecoder().decode(code);
      read(link.value.trim()).catch((e) => put(say, problem(e)));
    }));
    async function read(text: string) {
      put(say);
      put(into, h("p", { role: "status" }, t("Waiting for the other device …")));
      try { put(into, confirm(await core.ask<Reader>("linkRead", { link: text }), (e) => { put(into, first); put(say, problem(e)); })); } catch (e) { put(into, first); throw e; }
    }
    put(into, first);
    return h("section", {}, h("h3", {}, t("Link a device")), h("p", {}, t("On the new device, open this page and choose to link it, or run “letter device join”. It shows a code.")), into);
  }

  function confirm(r: Reader, failed: (e: unknown) => void): HTMLElement {
    const id = "history", s = h("select", { id }, ...[["month", t("The last 30 days")], ["all", t("Everything")], ["none", t("Nothing")]].map(([v, words]) => h("option", { value: v }, words!)));
    return h("div", {}, h("p", {}, t("A device ({kind}) that calls itself “{name}” wants to be linked. It will get your messages, and write as you. It must show this code:", { kind: kind(r.type), name: r.name })),
      h("p", { class: "code", dir: "ltr" }, r.code),
      form(t("It shows this code: link it"), () => core.ask("linkYes", { history: s.value }).then(() => show(t("Linked. Your messages go to it now, sealed.")), failed),
        h("p", { class: "field" }, h("label", { for: id }, t("What was said so far and goes to it")), s)),
      h("p", {}, h("button", { type: "button", onclick: () => void core.ask("linkNo").then(() => show(t("Nothing was linked."))).catch(failed) }, t("It shows another one: do not link it"))));
  }

  function leaving(): HTMLElement {
    return h("details", { class: "danger" }, h("summary", {}, t("Unlink this browser")), h("p", {}, t("Its keys and messages here are erased. Your other devices keep theirs.")),
      form(t("Unlink it and erase what is here"), async () => { await core.ask("leave"); location.reload(); }));
  }

  await show().catch((e) => put(say, problem(e)));
}

function system(): string {
  const a = navigator.userAgent;
  return [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "Mac"], ["Linux", "Linux"]].find(([k]) => a.includes(k!))?.[1] ?? "";
}

// joining links this browser to an account that is used on another device.
export function joining(core: Core, root: HTMLElement, back: () => void, enter: (me: { account: string; phone: string }) => void) {
  const [one, name] = field(t("Name of the device"), { required: true, maxLength: 40, value: system() ? t("Browser on {system}", { system: system() }) : t("Browser") }, t("You see it in the list of your devices. The service does not learn it."));
  const another = () => h("p", {}, h("button", { type: "button", class: "plain", onclick: () => { void core.ask("linkEnd"); back(); } }, t("Back")));
  put(root, page(t("Link this browser"), h("p", {}, t("You go on with the account of a device that you already use. Its messages are handed over sealed, from there to here.")),
    form(t("Show the code"), async () => shown(await core.ask<string>("join", { name: name.value.trim() })), one), another()));
  name.focus();

  function shown(link: string) {
    const into = h("div", { role: "status" }, t("Waiting for the other device …")), say = h("p", { role: "alert", class: "problem" });
    put(root, page(t("Link this browser"), h("p", {}, t("On the device that you registered with, open “Your devices” and read this code, within ten minutes. Show it to nobody else.")),
      drawn(link, t("The link of this device as a QR code")), h("p", { class: "link", dir: "ltr" }, h("code", {}, link), icon(t("Copy the link"), shapes.copy, () => void navigator.clipboard.writeText(link))), into, say, another()));
    void wait(into).catch((e) => { put(into); put(say, problem(e)); });
  }

  async function wait(into: HTMLElement) {
    const x = await core.ask<{ code: string; phone: string }>("joinCode");
    put(into, h("p", {}, t("Your other device, with the number {phone}, must show this code. If it shows another one, say no there.", { phone: x.phone })), h("p", { class: "code", dir: "ltr" }, x.code));
    enter(await core.ask("joinFinish"));
  }
}

// unlinked stands where the messages were, once this browser is not one of the
// person's devices any more.
export function unlinked(root: HTMLElement, phone: string) {
  put(root, page(t("This browser was unlinked"), h("p", { role: "alert" }, t("It is no longer a device of {phone}. Its keys and messages here were erased.", { phone })),
    h("p", {}, h("button", { type: "button", class: "main", onclick: () => location.reload() }, t("Go on")))));
}
