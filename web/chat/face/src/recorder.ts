// Recording a voice message: the loudness is drawn while one speaks, and goes
// with the message. It can be heard before it is sent.
import { announce } from "./app";
import { h, icon, put } from "./dom";
import { time } from "./filed";
import { bars, Player } from "./player";
import type { Talk } from "./talk";
import { t } from "./words";

const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const BARS = 64, TOP = 31, SHOWN = 48, LONGEST = 3600_000;
const shapes = { mic: "M12 14a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3zm-7-3h2a5 5 0 0 0 10 0h2a7 7 0 0 1-6 6.9V21h-2v-3.1A7 7 0 0 1 5 11z", bin: "M9 3h6l1 2h4v2H4V5h4zM6 9h12l-1 12H7z", stop: "M6 6h12v12H6z", send: "M3 20v-6l8-2-8-2V4l19 8z" };

// squeeze makes the loudest of each part one bar.
export function squeeze(peaks: number[], into: number): Uint8Array {
  const n = Math.min(into, Math.max(1, peaks.length)), top = Math.max(0.05, ...peaks);
  return Uint8Array.from({ length: n }, (_, i) => Math.round((Math.max(0, ...peaks.slice(Math.floor((i * peaks.length) / n), Math.max(Math.floor(((i + 1) * peaks.length) / n), Math.floor((i * peaks.length) / n) + 1))) / top) * TOP));
}

// microphone is the button that begins, where a browser can record.
export function microphone(talk: Talk, instead: HTMLElement): HTMLButtonElement | null {
  if (!navigator.mediaDevices || typeof MediaRecorder === "undefined") return null;
  const b = icon(t("Record a voice message"), shapes.mic, () => void new Recorder(talk, instead, b).begin());
  return b;
}

class Recorder {
  private box = h("div", { class: "recording", role: "group", "aria-label": t("Voice message") });
  private clock = h("span", { class: "small" });
  private wave = h("div", { class: "wave live", "aria-hidden": "true" });
  private stream!: MediaStream;
  private tape!: MediaRecorder;
  private sound!: AudioContext;
  private parts: Blob[] = [];
  private peaks: number[] = [];
  private began = 0;
  private length = 0;
  private beat = 0;
  private gone = false;
  private player: Player | null = null;

  constructor(private talk: Talk, private instead: HTMLElement, private back: HTMLElement) {}

  async begin() {
    this.talk.say(null);
    try { this.stream = await navigator.mediaDevices.getUserMedia({ audio: true }); } catch (e) {
      const none = (e as DOMException).name === "NotFoundError";
      return this.talk.say(new Error(none ? t("There is no microphone here.") : t("The microphone may not be used: allow it for this page in the browser.")));
    }
    const type = TYPES.find((x) => MediaRecorder.isTypeSupported(x));
    this.tape = new MediaRecorder(this.stream, { ...(type ? { mimeType: type } : {}), audioBitsPerSecond: 32_000 });
    this.tape.ondataavailable = (e) => { if (e.data.size) this.parts.push(e.data); };
    this.listen();
    this.tape.start(1000);
    this.began = performance.now();
    this.instead.hidden = true;
    this.instead.after(this.box);
    this.talk.recording = this;
    this.buttons(icon(t("Stop and listen"), shapes.stop, () => void this.stop()), this.wave);
    announce(t("Recording"));
  }

  private buttons(...middle: Node[]) {
    const send = icon(t("Send the voice message"), shapes.send, () => void this.send(), { class: "icon main" });
    put(this.box, icon(t("Throw the recording away"), shapes.bin, () => this.end()), ...middle, this.clock, send);
    send.focus();
    this.box.onkeydown = (e) => { if (e.key === "Escape") this.end(); };
  }

  // listen samples how loud it is, twenty times a second.
  private listen() {
    this.sound = new AudioContext();
    const ear = this.sound.createAnalyser(), samples = new Float32Array(ear.fftSize);
    this.sound.createMediaStreamSource(this.stream).connect(ear);
    this.beat = setInterval(() => {
      ear.getFloatTimeDomainData(samples);
      this.peaks.push(samples.reduce((top, x) => Math.max(top, Math.abs(x)), 0));
      const last = this.peaks.slice(-SHOWN);
      bars(this.wave, [...new Array(SHOWN - last.length).fill(0), ...last.map((x) => Math.min(TOP, x * TOP * 1.5))]);
      const is = performance.now() - this.began;
      put(this.clock, time(is));
      if (is > LONGEST) void this.stop();
    }, 50) as unknown as number;
  }

  private async halt(): Promise<void> {
    clearInterval(this.beat);
    if (this.tape.state === "inactive") return;
    this.length = Math.round(performance.now() - this.began);
    await new Promise((good) => { this.tape.onstop = good; this.tape.stop(); });
    this.stream.getTracks().forEach((x) => x.stop());
    await this.sound.close();
  }

  private file() { return new File(this.parts, "voice." + (this.tape.mimeType.includes("mp4") ? "m4a" : this.tape.mimeType.includes("ogg") ? "ogg" : "webm"), { type: this.tape.mimeType.split(";")[0]! }); }

  private async stop() {
    await this.halt();
    if (this.gone) return;
    const at = URL.createObjectURL(this.file());
    this.player = new Player(async () => at, { length: this.length, wave: squeeze(this.peaks, BARS) });
    this.player.box.querySelectorAll<HTMLElement>("[tabindex]").forEach((e) => { e.tabIndex = 0; });
    this.buttons(this.player.box);
  }

  private async send() {
    await this.halt();
    if (this.gone) return;
    const file = this.file(), wave = squeeze(this.peaks, BARS), length = this.length;
    this.end();
    await this.talk.sender.send(file, { voice: true, length, wave });
  }

  // end takes the recorder away, and with it what was not sent.
  end() {
    if (this.gone) return;
    this.gone = true;
    this.player?.stop();
    void this.halt();
    this.box.remove();
    this.instead.hidden = false;
    this.talk.recording = null;
    if (this.back.isConnected) this.back.focus();
  }
}
