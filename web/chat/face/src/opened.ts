// Files that are here, as the page shows and saves them. An address below open/
// leads through the service worker back to this page, which has the worker open
// the file piece by piece: however long it is, it is nowhere in the clear but in
// the memory of what shows it. An address is a number that nobody can guess, and
// ends with the page.
import type { Core } from "./core";
import type { Entry } from "./types";
import { t } from "./words";

// What a browser may show by itself. Everything else is only ever saved.
const pictures = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const films = ["video/mp4", "video/webm", "video/ogg"];
const sounds = ["audio/webm", "audio/ogg", "audio/mp4", "audio/mpeg", "audio/wav", "audio/x-wav", "audio/aac", "audio/flac"];

export const plainType = (type: string) => type.split(";")[0]!.trim().toLowerCase();
const safe = (type: string) => ([...pictures, ...films, ...sounds].includes(plainType(type)) ? plainType(type) : "application/octet-stream");

// shownAs is how a file is shown; "": it is only saved.
export function shownAs(e: Entry): "picture" | "film" | "sound" | "" {
  const f = e.file!, type = plainType(f.type);
  if (f.kind === "photo" && pictures.includes(type)) return "picture";
  if (f.kind === "video" && films.includes(type)) return "film";
  if ((f.kind === "voice" || f.kind === "document") && (sounds.includes(type) || (f.kind === "voice" && films.includes(type)))) return "sound";
  return "";
}

type Open = { seq: number; size: number; type: string; name: string; save: boolean };
const open = new Map<string, Open>();
const whole = new Map<string, string>(); // addresses of those that the page holds itself
const PIECE = 2 << 20, MOST = 256 << 20; // what a page without a service worker holds

export class Opened {
  constructor(private core: Core) {
    navigator.serviceWorker?.addEventListener("message", (e) => { if (e.data?.open) void this.answer(e.data, e.ports[0]!); });
  }

  private async answer(ask: { open: string; at?: number; length?: number }, port: MessagePort) {
    const o = open.get(ask.open);
    if (!o || ask.at === undefined) return port.postMessage(o ?? null);
    try {
      const b = await this.core.ask<Uint8Array>("read", { seq: o.seq, at: ask.at, length: ask.length });
      port.postMessage(b, [b.buffer]);
    } catch { port.postMessage(null); }
  }

  // address is where a file can be read, by this page and as long as it lives.
  async address(e: Entry, save = false): Promise<string> {
    const f = e.file!, key = `${e.seq} ${save}`, known = whole.get(key);
    if (known) return known;
    const o: Open = { seq: e.seq, size: f.size, type: save ? "application/octet-stream" : safe(f.type), name: f.name, save };
    if (!save && o.type === "application/octet-stream") throw new Error(t("This file cannot be shown here: save it."));
    let at: string;
    if (navigator.serviceWorker?.controller) {
      const token = [...crypto.getRandomValues(new Uint8Array(16))].map((x) => x.toString(16).padStart(2, "0")).join("");
      open.set(token, o);
      at = "open/" + token;
    } else at = URL.createObjectURL(await this.all(o));
    whole.set(key, at);
    return at;
  }

  private async all(o: Open): Promise<Blob> {
    if (o.size > MOST) throw new Error(t("This file is too long for a page that is not installed: load the page again, and try once more."));
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < o.size; at += PIECE) parts.push(await this.core.ask("read", { seq: o.seq, at, length: PIECE }));
    return new Blob(parts, { type: o.type });
  }

  // save gives a file to the browser's downloads.
  async save(e: Entry) {
    const a = document.createElement("a");
    a.href = await this.address(e, true);
    if (a.href.startsWith("blob:")) a.download = e.file!.name;
    a.click();
  }
}
