// What the service says, signed: who asked for data about this person.
import type { App } from "./app";
import { dialog, h } from "./dom";
import { form } from "./gate";
import { happened } from "./say";
import type { Entry, Notice } from "./types";
import { moment, t } from "./words";

export async function serviceNotices(app: App) {
  const all = await app.core.ask<Entry[]>("notices");
  dialog(t("Notices from the service"), t("Close"), ...all.map((e) => (e.notice ? one(app, e, e.notice) : h("section", {}, h("p", {}, moment(e.at)), h("p", { class: "warn" }, happened(e))))));
  await app.core.ask("shown", {});
}

function one(app: App, e: Entry, x: Notice): HTMLElement {
  const row = (k: string, v: string) => h("div", {}, h("dt", {}, k), h("dd", {}, h("bdi", {}, v)));
  const text = h("textarea", { rows: 4, required: true, maxLength: 4000, id: "object-" + x.id }), done = h("p", { role: "status", class: "good" });
  return h("section", {}, h("h3", {}, moment(e.at)), h("dl", { class: "facts" }, row(t("Case"), x.case), row(t("Asked by"), x.asker || t("may not be told by law")), row(t("Legal process"), `${x.process} (${x.citation})`), row(t("Data"), x.fields.join(", ")), x.discloses ? row(t("On"), moment(x.discloses)) : null),
    h("p", { class: "pre" }, x.text),
    x.before ? h("details", {}, h("summary", {}, t("Object")), form(t("Send the objection"), async () => { await app.core.ask("object", { notice: x.id, text: text.value.trim() }); done.textContent = t("Your objection is with the service's counsel. The disclosure is held until they decide."); }, h("label", { for: "object-" + x.id }, t("Why the disclosure should not happen. The service's counsel reads it.")), text), done) : null);
}
