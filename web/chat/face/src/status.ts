// Status updates: what people show to chosen others for a day.
import type { App } from "./app";
import { members } from "./begin";
import { dialog, h, put } from "./dom";
import { form, problem } from "./gate";
import { called } from "./say";
import { styled } from "./talk";
import type { Entry, Who } from "./types";
import { moment, n, t } from "./words";

type Status = Entry & { to: Who[] };

export async function statuses(app: App) {
  const { core } = app, list = h("div", { class: "statuses" }), say = h("p", { role: "alert", class: "problem" }), done = h("p", { role: "status", class: "good" });
  const d = dialog(t("Status updates"), t("Close"), say, done, list, h("div", {}));
  const write = list.nextElementSibling!;

  function one(e: Status): HTMLLIElement {
    const back = h("button", { type: "button", onclick: () => { core.ask("takeBackStatus", { seq: e.seq }).then(() => show(t("Taken back."))).catch((x) => put(say, problem(x))); } }, t("Take it back"));
    return h("li", { class: "status" }, h("p", { class: "by" }, h("bdi", {}, e.own ? t("You") : called(e.who))), h("p", { class: "said", dir: "auto" }, ...(e.runs ?? []).map(styled)),
      h("p", { class: "small" }, t("until {time}", { time: moment(e.ends) }), e.own && e.to.length ? [" · ", t("shown to {who}", { who: e.to.map(called).join(", ") })].join("") : ""), e.own ? back : null);
  }

  async function show(words?: string) {
    const x = await core.ask<{ all: Status[]; audience: string[] }>("statuses");
    put(say);
    if (words !== undefined) put(done, words);
    put(list, h("p", {}, t("They disappear after a day, everywhere. Only those who are chosen get one; nobody sees who else does.")),
      x.all.length ? h("ul", { class: "people" }, ...x.all.reverse().map(one)) : h("p", { class: "empty" }, t("Nobody shows a status today.")));
    if (!write.firstChild) put(write, writing(x.audience));
    app.later();
  }

  function writing(audience: string[]): HTMLElement {
    const id = "status-text", text = h("textarea", { id, rows: 2, required: true, maxLength: 700, dir: "auto", autocomplete: "off" }), people = members(app, [], t("Who may see it"), audience);
    return h("section", {}, h("h3", {}, t("Show a status")), form(t("Show it for a day"), async () => {
      const phones = people.phones();
      if (!phones.length) throw new Error(t("Choose who may see it."));
      const count = await core.ask<number>("postStatus", { text: text.value.trim(), phones });
      text.value = "";
      await show(n(count, "Shown to {n} person.", "Shown to {n} people."));
    }, h("p", { class: "field" }, h("label", { for: id }, t("What you show")), text), people.box));
  }

  app.whenStatus = () => { if (d.open) void show(); };
  await show().catch((e) => put(say, problem(e)));
}
