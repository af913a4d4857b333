// A voice message that plays: a button, the waveform as a slider, the time, the
// speed. Only one plays at a time.
import { h, put, svg } from "./dom";
import { time } from "./filed";
import type { Filed } from "./types";
import { t } from "./words";

const shapes = { play: "M8 5v14l11-7z", pause: "M6 5h4v14H6zm8 0h4v14h-4z" };
const SPEEDS = [1, 1.5, 2];
let playing: Player | null = null;

// bars draws a waveform of up to 64 bars, 0 to 31 high.
export function bars(into: HTMLElement, wave: ArrayLike<number>): HTMLElement[] {
  const all = Array.from(wave, (v) => { const b = h("i", {}); b.style.blockSize = `${Math.round(10 + (Math.min(v, 31) / 31) * 90)}%`; return b; });
  put(into, ...all);
  return all;
}

export class Player {
  private audio = new Audio();
  private press = h("button", { type: "button", class: "icon main", tabIndex: -1, onclick: () => void this.toggle() });
  private slider = h("div", { class: "wave", role: "slider", tabIndex: -1, "aria-label": t("Position"), "aria-valuemin": "0" });
  private clock = h("span", { class: "small" });
  private faster = h("button", { type: "button", class: "plain", tabIndex: -1, onclick: () => this.speed() });
  private all: HTMLElement[];
  private known = false;
  readonly box: HTMLElement;

  constructor(private address: () => Promise<string>, private f: Pick<Filed, "length" | "wave">) {
    this.audio.preload = "none";
    this.all = bars(this.slider, f.wave ?? new Array(48).fill(4));
    for (const kind of ["timeupdate", "play", "pause", "ended", "durationchange"]) this.audio.addEventListener(kind, () => this.show());
    this.audio.addEventListener("error", () => { if (this.known) put(this.clock, t("This cannot be played here: save it.")); });
    this.slider.addEventListener("click", (e) => { const r = this.slider.getBoundingClientRect(), part = (e.clientX - r.left) / r.width; void this.seek((document.dir === "rtl" ? 1 - part : part) * this.seconds()); });
    this.slider.addEventListener("keydown", (e) => {
      const step = ({ ArrowRight: 1, ArrowLeft: -1, ArrowUp: 1, ArrowDown: -1 } as Record<string, number>)[e.key];
      if (!step) return;
      e.preventDefault();
      e.stopPropagation();
      void this.seek(this.audio.currentTime + step * (e.key.endsWith("t") && document.dir === "rtl" ? -1 : 1));
    });
    this.box = h("div", { class: "player" }, this.press, this.slider, this.clock, this.faster);
    this.speed(0);
    this.show();
  }

  // seconds: what a recorder writes often does not say how long it is.
  private seconds() { return Number.isFinite(this.audio.duration) && this.audio.duration > 0 ? this.audio.duration : this.f.length / 1000 || 1; }

  private async open() {
    if (this.known) return;
    this.audio.src = await this.address();
    this.known = true;
  }

  private async seek(to: number) {
    await this.open();
    this.audio.currentTime = Math.max(0, Math.min(to, this.seconds()));
    this.show();
  }

  async toggle() {
    if (!this.audio.paused) return this.audio.pause();
    if (playing !== this) playing?.audio.pause();
    playing = this;
    try { await this.open(); await this.audio.play(); } catch { put(this.clock, t("This cannot be played here: save it.")); }
  }

  stop() { this.audio.pause(); }

  private speed(by = 1) {
    this.audio.playbackRate = SPEEDS[(SPEEDS.indexOf(this.audio.playbackRate) + by + SPEEDS.length) % SPEEDS.length] ?? 1;
    this.audio.defaultPlaybackRate = this.audio.playbackRate;
    put(this.faster, `${this.audio.playbackRate}×`);
    this.faster.setAttribute("aria-label", t("Speed: {n}", { n: `${this.audio.playbackRate}×` }));
  }

  private show() {
    const is = this.audio.currentTime, of = this.seconds(), on = !this.audio.paused, words = on ? t("Pause") : t("Play");
    if (this.press.getAttribute("aria-label") !== words) { put(this.press, svg(on ? shapes.pause : shapes.play)); this.press.setAttribute("aria-label", words); this.press.title = words; }
    this.all.forEach((b, i) => b.classList.toggle("past", is > 0 && (i + 0.5) / this.all.length <= is / of));
    put(this.clock, time(is > 0 ? is * 1000 : of * 1000));
    this.slider.setAttribute("aria-valuemax", String(Math.round(of)));
    this.slider.setAttribute("aria-valuenow", String(Math.round(Math.min(is, of))));
    this.slider.setAttribute("aria-valuetext", `${time(is * 1000)} / ${time(of * 1000)}`);
  }
}
