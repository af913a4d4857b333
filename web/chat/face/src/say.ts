// How people and what happened are said.
import { lasting, n, said, t } from "./words";
import { fileWord } from "./filed";
import type { Chat, Entry, Who } from "./types";

export function called(w?: Who): string {
  if (!w) return "";
  if (w.me) return t("You");
  return w.name || w.phone || t("Unknown number");
}

export const chatTitle = (c: Chat) => (c.group ? c.title || t("Group") : called(c.who));

// under is what stands below a name: whom the service says it is.
export function under(w: Who): string {
  if (!w.phone) return t("Number not known");
  if (!w.confirmed) return t("says to be {phone}", { phone: w.phone });
  return w.name ? w.phone : "";
}

const acts: Record<number, string> = {
  1: said("{by} began the group “{name}”"), 2: said("{by} added {who}"), 3: said("{by} removed {who}"), 4: said("{by} left the group"), 5: said("{by} changed the role of {who}"), 6: said("{by} made {who} the owner"),
  7: said("{by} named the group “{name}”"), 8: said("{by} changed the invitation link"), 9: said("{who} asks to be let in"), 10: said("{by} let {who} in"), 11: said("{by} turned {who} away"),
};

// toMe are the same acts where they are about nobody but the person who reads.
const toMe: Record<number, string> = {
  2: said("{by} added you"), 3: said("{by} removed you"), 5: said("{by} changed your role"), 6: said("{by} made you the owner"), 10: said("{by} let you in"), 11: said("{by} turned you away"),
};

// happened says an entry that nobody wrote; "" for one that somebody did.
export function happened(e: Entry): string {
  const by = e.own ? t("You") : called(e.who);
  switch (e.kind) {
    case "safety-number": return t("The safety number with {who} changed. Nothing is sent until you accept it.", { who: called(e.who) || e.phone });
    case "timer": return e.timer ? t("{by} let messages disappear after {time}", { by, time: lasting(e.timer) }) : t("{by} let messages stay", { by });
    case "unknown": return t("{who} sent something newer than this program: update to see this", { who: by });
    case "unopened": return t("A message from {who} could not be opened: {why}", { who: by || t("somebody"), why: t(e.why) });
    case "notice": return t("A notice from the service");
    case "notice-discarded": return t("Something that pretended to come from the service was thrown away");
    case "devices": return e.own ? ownDevice(e) : t("{who} {what}. Their safety number is the same.", { who: by, what: t(e.why) });
    case "doubt": return t("Warning about {who}: {why}", { who: by, why: t(e.why) });
    case "number": return t("{who} has another number now: {phone}", { who: by, phone: e.phone });
    case "group": return event(e, by);
  }
  return "";
}

const ownDevice = (e: Entry) => e.why === "uses a new device" ? t("A new device is linked to your account (number {n}). If that was not you, unlink it on the device that you registered with.", { n: e.device }) : t("A device is no longer linked to your account (number {n}).", { n: e.device });

function event(e: Entry, by: string): string {
  const v = e.event!;
  if (v.why) return t("Warning about {who}: {why}", { who: by, why: t(v.why) });
  if (v.act === 12) return e.timer ? t("{by} let messages disappear after {time}", { by, time: lasting(e.timer) }) : t("{by} let messages stay", { by });
  const who = v.act === 1 ? "" : v.who.map(called).join(", ");
  const alone = v.who.length === 1 && v.who[0]!.me ? toMe[v.act] : undefined;
  return t(alone ?? acts[v.act] ?? said("The group changed"), { by: by || t("You"), who, name: v.name });
}

// brief is an entry in one line.
export function brief(e: Entry, inGroup = false): string {
  const said = happened(e);
  if (said) return said;
  const text = e.deleted ? t("Deleted message") : [e.file ? fileWord(e.file) : e.place ? t("Place") : "", e.brief].filter(Boolean).join(": ");
  if (e.own) return t("You: {text}", { text });
  return inGroup ? `${called(e.who)}: ${text}` : text;
}

// status is how far an own message has come.
export function status(e: Entry): [mark: string, words: string] {
  if (e.state === "failed") return ["!", t("Not sent: {why}", { why: t(e.why) })];
  if (e.state === "held") return ["⚠", t("Held: the safety number changed")];
  if (e.file?.state === "bringing") return ["◷", e.why ? t("Waiting to be sent: {why}", { why: t(e.why) }) : t("Waiting to be sent")];
  if (e.read) return ["✓✓", t("Read")];
  if (e.delivered) return ["✓✓", t("Delivered")];
  if (e.state === "sent") return ["✓", t("Sent")];
  return ["◷", t("Waiting to be sent")];
}

export const newMessages = (count: number) => n(count, "{n} new message", "{n} new messages");
