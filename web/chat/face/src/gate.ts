// What stands before the messages: the first visit, the unlocking, the
// registration.
import { Refusal, type Core } from "./core";
import { joining } from "./devices";
import { field, h, put } from "./dom";
import { pinFor } from "./lock";
import { lang, speak, t, told, tongues } from "./words";

export const problem = (e: unknown): string => (e instanceof Refusal ? told(e.problem) : String(e instanceof Error ? e.message : e));

// form runs one step and shows what went wrong beside it.
export function form(button: string, act: () => Promise<void>, ...children: (Node | string)[]): HTMLFormElement {
  const say = h("p", { role: "alert", class: "problem" }), press = h("button", { type: "submit", class: "main" }, button);
  const f = h("form", { autocomplete: "off" }, ...children, say, h("p", {}, press));
  f.addEventListener("submit", (e) => {
    e.preventDefault();
    put(say);
    press.disabled = true;
    act().catch((x) => put(say, problem(x))).finally(() => { press.disabled = false; });
  });
  return f;
}

export function languages(): HTMLElement {
  const id = "language";
  const s = h("select", { id, onchange: () => speak(s.value) }, ...Object.entries(tongues).map(([code, name]) => h("option", { value: code, lang: code, selected: code === lang }, name)));
  return h("p", { class: "field tongues" }, h("label", { for: id }, t("Language")), s);
}

export function page(title: string, ...children: (Node | string)[]): HTMLElement {
  document.title = title + " · Letterlock";
  const head = h("h1", { tabIndex: -1 }, title);
  queueMicrotask(() => head.isConnected && !document.querySelector("[autofocus]") && head.focus());
  return h("main", { class: "gate", id: "main" }, h("img", { src: "icon.svg", alt: "", width: 56, height: 56 }), head, ...children, languages(),
    h("p", { class: "small" }, h("a", { href: "about.html" }, t("What you trust when you open this page"))));
}

const passphrase = (label: string, auto: "new-password" | "current-password", help = "") =>
  field(label, { type: "password", autocomplete: auto, required: true, minLength: auto === "new-password" ? 8 : 1, autofocus: auto === "current-password" }, help);

export class Gate {
  constructor(private core: Core, private root: HTMLElement, private enter: (me: { account: string; phone: string }) => void) {}

  async show() {
    try {
      const stage = await this.core.ask<string>("stage");
      put(this.root, stage === "new" ? this.first() : this.locked());
      performance.mark("gate"); // how long a start takes is measured by this
      (this.root.querySelector("[autofocus]") as HTMLElement | null)?.focus();
    } catch (e) { put(this.root, page(t("This does not work here"), h("p", {}, problem(e)))); }
  }

  private first(): HTMLElement {
    const [one, pass] = passphrase(t("Passphrase"), "new-password", t("At least 8 characters. Several words are better than one. Nobody can reset it."));
    const [two, again] = passphrase(t("The same again"), "new-password");
    return page(t("Write so that nobody between you can read it"),
      h("p", {}, t("Your messages are sealed on this device and opened only on the devices of those you write to. What is kept in this browser is sealed under a passphrase that you choose now.")),
      form(t("Go on"), async () => {
        if (pass.value !== again.value) throw new Error(t("The two are not the same."));
        await this.core.ask("create", { passphrase: pass.value });
        this.register();
      }, one, two));
  }

  private locked(): HTMLElement {
    const [one, pass] = passphrase(t("Passphrase"), "current-password");
    return page(t("Unlock"),
      form(t("Unlock"), async () => {
        const got = await this.core.ask("unlock", { passphrase: pass.value });
        if (got.registered) this.enter(got); else this.register(got.unlinked);
      }, one),
      h("details", {}, h("summary", {}, t("I forgot the passphrase")),
        h("p", {}, t("Nobody can open what is stored here without it. You can remove it from this browser and register your number again: your messages are then gone from here, and people you write to see that your safety number changed.")),
        form(t("Remove everything from this browser"), async () => { await this.core.ask("forget"); location.reload(); })));
  }

  private register(unlinkedFrom = "") {
    const [one, phone] = field(t("Your phone number"), { type: "tel", required: true, placeholder: "+441632960011", dir: "ltr", autofocus: true }, t("In international form. A code is sent to it by text message."));
    const link = () => joining(this.core, this.root, () => this.register(), (me) => this.enter(me));
    put(this.root, page(t("Register your number"), unlinkedFrom ? h("p", { class: "warn", role: "alert" }, t("It is no longer a device of {phone}. Its keys and messages here were erased.", { phone: unlinkedFrom })) : "", form(t("Send me the code"), async () => {
      await this.core.ask("code", { phone: phone.value });
      this.code(phone.value);
    }, one), h("section", { class: "or" }, h("h2", {}, t("You already use Letterlock?")), h("p", {}, h("button", { type: "button", onclick: link }, t("Link this browser to your other device"))))));
    phone.focus();
  }

  private code(phone: string) {
    const [one, code] = field(t("Code"), { inputMode: "numeric", autocomplete: "one-time-code", required: true, dir: "ltr", autofocus: true }, t("It was sent to {phone}.", { phone }));
    const [two, name] = field(t("Your name"), { maxLength: 60 }, t("Others see it beside your number. You may leave it empty."));
    const pin = pinFor();
    put(this.root, page(t("Enter the code"), form(t("Register"), async () => {
      try { this.enter(await this.core.ask("register", { phone, code: code.value.trim(), name: name.value.trim(), pin: pin.value() })); } catch (e) { pin.needed(e); throw e; }
    }, one, two, pin.box), h("p", {}, h("button", { type: "button", class: "plain", onclick: () => this.register() }, t("Another number")))));
    code.focus();
  }
}
