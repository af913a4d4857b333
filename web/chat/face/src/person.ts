// What is known of a person: their number, their safety number, and what one
// can do about them.
import { announce } from "./app";
import { timer } from "./begin";
import { dialog, h, put } from "./dom";
import { form, problem } from "./gate";
import { called, under } from "./say";
import { camera, drawn } from "./scan";
import type { Talk } from "./talk";
import { lasting, t } from "./words";

type Safety = { digits: string; groups: string; code: number[]; theirs: number[]; verified: boolean; changed: boolean };

export async function person(talk: Talk) {
  const { core } = talk.app, id = talk.chat.id, who = talk.chat.who!;
  const [after, about] = await Promise.all([core.ask<number>("timer", { id }), core.ask<{ name: string; about: string }>("about", { id }).catch(() => ({ name: "", about: "" }))]);
  const safe = h("section", { "aria-label": t("Safety number") }), said = h("p", { role: "status" });
  const d = dialog(called(who), t("Close"), h("p", {}, h("bdi", {}, under(who))), about.about ? h("p", {}, h("bdi", {}, about.about)) : null, safe,
    h("section", {}, h("h3", {}, t("Disappearing messages")), timer(after, async (seconds) => { await core.ask("setTimer", { id, seconds }); d.close(); }, lasting)),
    h("section", {}, h("h3", {}, t("Blocking")), h("p", {}, t("Whoever is blocked cannot tell.")), h("p", { class: "row" },
      h("button", { type: "button", onclick: () => void say(core.ask("block", { id }), t("Blocked.")) }, t("Block")), h("button", { type: "button", onclick: () => void say(core.ask("block", { id, remove: true }), t("Not blocked any more.")) }, t("Do not block any more"))), said),
    h("section", {}, h("h3", {}, t("This conversation")), form(t("Remove it from this device"), async () => { await core.ask("clear", { id }); d.close(); talk.app.close(); await talk.app.load(); })));
  async function say(p: Promise<unknown>, words: string) { try { await p; put(said, words); } catch (e) { put(said, problem(e)); } }
  await safety(safe, talk).catch((e) => put(safe, h("h3", {}, t("Safety number")), h("p", { class: "problem" }, problem(e))));
}

async function safety(into: HTMLElement, talk: Talk): Promise<void> {
  const id = talk.chat.id, s = await talk.app.core.ask<Safety>("safety", { id });
  const state = s.changed ? t("It changed, and you have not accepted it. Compare it with theirs over another channel first.") : s.verified ? t("You marked it as verified.") : t("If they see the same digits, nobody is between you.");
  const accept = (verified: boolean) => async () => { await talk.app.core.ask("accept", { id, digits: s.digits, verified }); await safety(into, talk); };
  const said = h("p", { role: "alert", class: "problem" });
  put(into, h("h3", {}, t("Safety number")), h("p", { class: s.changed ? "warn" : "" }, state), h("p", { class: "digits", dir: "ltr" }, ...s.groups.split(" ").map((g) => h("span", {}, g + " "))), drawn(s.code, t("The safety number as a QR code, for the other's camera")),
    s.verified && !s.changed ? null : camera(t("Read their code with the camera"), (code) => void (code.length === s.theirs.length && code.every((x, i) => x === s.theirs[i]) ? accept(true)().then(() => announce(t("It is the same."))).catch((e) => put(said, problem(e))) : put(said, t("This is another safety number: somebody may be between you, or the code is of somebody else. Mark nothing.")))), said,
    s.verified && !s.changed ? null : form(t("It is the same: mark it as verified"), accept(true)), s.changed ? form(t("Accept it without comparing"), accept(false)) : null);
}
