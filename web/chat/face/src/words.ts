// The words of the page. English stands where it is used and is the key of its
// translations; what a language lacks is said in English.
import es from "../words/es.json";
import ar from "../words/ar.json";

type Forms = Partial<Record<Intl.LDMLPluralRule, string>>;
type Book = Record<string, string | Forms>;
const books: Record<string, Book> = { es, ar };
export const tongues: Record<string, string> = { en: "English", es: "Español", ar: "العربية" };

function chosen(): string {
  const kept = localStorage.getItem("language");
  for (const l of kept ? [kept, ...navigator.languages] : navigator.languages) {
    const base = l.split("-")[0]!;
    if (base in tongues) return base;
  }
  return "en";
}

export const lang = chosen();
export const rtl = lang === "ar";
const plurals = new Intl.PluralRules(lang);

export function speak(l: string) { localStorage.setItem("language", l); location.reload(); }

function fill(s: string, values: Record<string, unknown>): string {
  return s.replace(/\{(\w+)\}/g, (whole, k) => (k in values ? String(values[k]) : whole));
}

// t says something in the person's language.
export function t(english: string, values: Record<string, unknown> = {}): string {
  const s = books[lang]?.[english];
  return fill(typeof s === "string" ? s : english, values);
}

// told says what the core refuses, in the person's language: by the sentence's
// form, which is its key, or else as it came.
export function told(p: { say: string; form: string; filled: string[] }): string {
  const s = books[lang]?.[p.form];
  return typeof s === "string" ? fill(s, Object.fromEntries(p.filled.map((x, i) => [String(i + 1), x]))) : p.say;
}

// said marks a text that is translated where it is used.
export const said = (english: string) => english;

// n says how many of something there are.
export function n(count: number, one: string, other: string): string {
  const forms = books[lang]?.[other];
  const s = typeof forms === "object" ? forms[plurals.select(count)] ?? forms.other : undefined;
  return fill(s ?? (count === 1 ? one : other), { n: new Intl.NumberFormat(lang).format(count) });
}

const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(lang, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const short = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });

export const hour = (ms: number) => clock.format(ms);
// day is a day of the calendar, such as 2026-11-23, as its own date everywhere.
const plain = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" });
export const day = (iso: string) => plain.format(new Date(iso + "T00:00:00Z"));
export const date = (ms: number) => weekday.format(ms);
export const moment = (ms: number) => full.format(ms);
export const sameDay = (a: number, b: number) => new Date(a).toDateString() === new Date(b).toDateString();
export const recent = (ms: number) => (sameDay(ms, Date.now()) ? hour(ms) : short.format(ms));

// lasting is a time of disappearing, in words.
export function lasting(seconds: number): string {
  for (const [size, one, other] of [[604800, said("{n} week"), said("{n} weeks")], [86400, said("{n} day"), said("{n} days")], [3600, said("{n} hour"), said("{n} hours")], [60, said("{n} minute"), said("{n} minutes")]] as const) {
    if (seconds >= size && seconds % size === 0) return n(seconds / size, one, other);
  }
  return n(seconds, "{n} second", "{n} seconds");
}
