// What one can do with a message.
import { dialog, field, h } from "./dom";
import { fileItems } from "./filed";
import { form } from "./gate";
import { called, status } from "./say";
import type { Talk } from "./talk";
import type { Entry } from "./types";
import { moment, t } from "./words";

const quick = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const EDIT = 24 * 3600_000, DELETE = 48 * 3600_000;

export function menu(talk: Talk, e: Entry) {
  const mine = e.reactions.find((r) => r.own)?.emoji ?? "", age = Date.now() - e.sent;
  const act = (name: string, args: object = {}, said = "") => { d.close(); void talk.act(name, { seq: e.seq, ...args }, said); };
  const item = (label: string, f: () => void) => h("button", { type: "button", class: "item", onclick: f }, label);
  const [other, emoji] = field(t("Another emoji"), { maxLength: 16, required: true });
  const facts = [[t("Written"), e.sent], [t("Delivered"), e.delivered], [t("Read"), e.read], [t("Edited"), e.edited], [t("Disappears"), e.ends]].filter(([, v]) => v) as [string, number][];
  const d = dialog(t("Message"), t("Close"),
    e.deleted ? null : h("div", { class: "quick", role: "group", "aria-label": t("React") }, ...quick.map((x) => h("button", { type: "button", class: "emoji", "aria-pressed": String(x === mine), "aria-label": t("React with {emoji}", { emoji: x }), onclick: () => act("react", { emoji: x === mine ? "" : x }) }, x))),
    e.deleted ? null : h("details", {}, h("summary", {}, t("React with another emoji")), form(t("React"), async () => act("react", { emoji: emoji.value.trim() }), other)),
    h("div", { class: "items" },
      ...(e.file && !e.deleted ? fileItems(talk, e).map(([label, f]) => item(label, () => { d.close(); f(); })) : []),
      e.deleted || talk.chat.left ? null : item(t("Answer"), () => { d.close(); talk.reply(e); }),
      e.own && !e.deleted && age < EDIT ? item(e.file ? t("Edit the caption") : t("Edit"), () => { d.close(); talk.edit(e); }) : null,
      e.deleted || (e.file && !e.text) ? null : item(t("Copy the text"), () => { d.close(); void navigator.clipboard.writeText(e.text ?? ""); }),
      e.own && !e.deleted && age < DELETE ? item(t("Delete for everybody"), () => act("unsend", {}, t("Deleted message"))) : null,
      item(t("Delete on this device"), () => act("remove", {}, t("Deleted message")))),
    h("dl", { class: "facts" }, h("div", {}, h("dt", {}, t("From")), h("dd", {}, h("bdi", {}, e.own ? t("You") : called(e.who)))), ...facts.map(([k, v]) => h("div", {}, h("dt", {}, k), h("dd", {}, moment(v)))),
      e.own ? h("div", {}, h("dt", {}, t("State")), h("dd", {}, status(e)[1])) : null));
}
