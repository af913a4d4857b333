// The account as a whole: its lock, its number, its end.
import type { App } from "./app";
import { Refusal } from "./core";
import { dialog, field, h, put } from "./dom";
import { form, problem } from "./gate";
import { facts, type Fact } from "./settings";
import { n, t } from "./words";

export type Me = { phone: string; primary: boolean; locked: boolean };
const pinned = { inputMode: "numeric", autocomplete: "off", dir: "ltr", minLength: 4, maxLength: 20, pattern: "[0-9]{4,20}" };
const elsewhere = () => h("p", {}, t("This is done on the device that you registered with."));

// lock lets nobody register the number anew without a PIN.
export async function lock(app: App) {
  const { core } = app, body = h("div", {}), done = h("p", { role: "status", class: "good" });
  dialog(t("Registration lock"), t("Close"), h("p", {}, t("Whoever can read your text messages could register your number on another device. With a lock they need your PIN, too, unless your account was not used for seven days.")), done, body);
  const show = async (words = "") => {
    const me = await core.ask<Me>("me"), [one, pin] = field(t("PIN"), { ...pinned, type: "password", required: true }, t("4 to 20 digits. It is not kept on this device: remember it.")), [two, again] = field(t("The same PIN again"), { ...pinned, type: "password", required: true });
    put(done, words);
    put(body, h("p", { class: me.locked ? "good" : "" }, me.locked ? t("Your number is locked.") : t("Your number is not locked from here.")), ...(!me.primary ? [elsewhere()] : [
      h("section", {}, h("h3", {}, me.locked ? t("Another PIN") : t("Set a PIN")), form(me.locked ? t("Change the PIN") : t("Lock the number"), async () => {
        if (pin.value !== again.value) throw new Error(t("The two are not the same."));
        await core.ask("lock", { pin: pin.value });
        await show(t("Locked. Nobody can tell you the PIN."));
      }, one, two)),
      h("section", {}, h("h3", {}, t("Without a lock")), form(t("Take the lock away"), async () => { await core.ask("lock"); await show(t("The lock is off.")); }))]));
  };
  await show();
}

// pinFor is a field for the PIN that a locked number asks for: it comes when the
// service said that it is needed.
export function pinFor(): { box: HTMLElement; value: () => string; needed: (e: unknown) => void } {
  const [box, pin] = field(t("PIN of the registration lock"), { ...pinned, type: "password" }, t("This number has a lock. Whoever set it knows the PIN."));
  box.hidden = true;
  return { box, value: () => pin.value, needed: (e) => { if (e instanceof Refusal && e.problem.kind === "forbidden") { box.hidden = false; pin.required = true; pin.focus(); } } };
}

// number moves the account to another number.
export async function number(app: App) {
  const { core } = app, me = await core.ask<Me>("me"), into = h("div", {});
  const d = dialog(t("Change of number"), t("Close"), h("p", {}, t("Your number:"), " ", h("bdi", { dir: "ltr" }, me.phone)),
    h("p", {}, t("Your account, keys and chats stay. People you write to are told, sealed; your former number is free for others.")), into);
  if (!me.primary) return put(into, elsewhere());
  const [one, phone] = field(t("New number"), { type: "tel", required: true, placeholder: "+441632960011", dir: "ltr" }, t("In international form. A code is sent to it by text message."));
  put(into, form(t("Send me the code"), async () => { await core.ask("code", { phone: phone.value }); second(phone.value); }, one));
  function second(to: string) {
    const [two, code] = field(t("Code"), { inputMode: "numeric", autocomplete: "one-time-code", required: true, dir: "ltr" }, t("It was sent to {phone}.", { phone: to })), pin = pinFor();
    put(into, form(t("Change the number"), async () => {
      try { app.me.phone = (await core.ask<Me>("newNumber", { phone: to, code: code.value.trim(), pin: pin.value() })).phone; } catch (e) { pin.needed(e); throw e; }
      put(into, h("p", { role: "status", class: "good" }, t("Your number is {phone} now.", { phone: app.me.phone })));
      put(d.querySelector("bdi")!, app.me.phone);
    }, two, pin.box));
    code.focus();
  }
}

// close shows what goes with the account, and closes it.
export async function close(app: App) {
  const { core } = app, me = await core.ask<Me>("me"), gone = h("div", { role: "status" }, t("Loading"));
  const [one, sure] = field(t("Type your number to go on"), { type: "tel", dir: "ltr", required: true });
  dialog(t("Close the account"), t("Close"), h("p", { class: "warn" }, t("It cannot be undone.")), gone,
    h("section", {}, h("h3", {}, t("What stays")), h("ul", {}, h("li", {}, t("Messages that others have received: they are theirs.")), h("li", {}, t("What the law has ordered the service to keep, if it has: this page looks the same either way.")), h("li", {}, t("Your number is free: you, or whoever gets it, can register it anew, with another safety number.")))),
    me.primary ? h("section", {}, form(t("Close the account for good"), async () => {
      await core.ask("close", { phone: sure.value });
      location.reload();
    }, one)) : elsewhere());
  try {
    const [x, kept] = await Promise.all([core.ask<{ talks: number; devices: number; owned: string[] }>("ends"), core.ask<{ facts: Fact[] }>("export")]);
    put(gone, h("h3", {}, t("What will be gone")), h("ul", {},
      h("li", {}, n(x.talks, "{n} chat in this browser, with its messages and keys", "{n} chats in this browser, with their messages and keys")),
      x.devices ? h("li", {}, n(x.devices, "{n} linked device: it gets nothing any more", "{n} linked devices: they get nothing any more")) : null,
      x.owned.length ? h("li", { class: "warn" }, t("These groups lose their owner: {groups}. Make somebody else the owner first.", { groups: x.owned.join(", ") })) : null,
      h("li", {}, t("All that the service keeps about you, within the hour:"), facts(kept.facts))));
  } catch (e) { put(gone, h("p", { class: "problem", role: "alert" }, problem(e))); }
}
