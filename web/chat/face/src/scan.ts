// QR codes: drawn for another's camera, and read by this device's. The camera is
// asked for when a person says so, and what it sees stays in this page.
import { encodeQR } from "qr";
import { decodeQR } from "qr/decode.js";
import { h, put } from "./dom";
import { t } from "./words";

// drawn is a code on white, whatever the colours of the page.
export function drawn(data: string | number[], label: string): HTMLCanvasElement {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : Uint8Array.from(data);
  const rows = encodeQR("x", "raw", { ecc: "medium", encoding: "byte", border: 4, textEncoder: () => bytes }), scale = 4;
  const c = h("canvas", { width: rows.length * scale, height: rows.length * scale, role: "img", "aria-label": label });
  const x = c.getContext("2d")!;
  x.fillStyle = "#fff";
  x.fillRect(0, 0, c.width, c.height);
  x.fillStyle = "#000";
  rows.forEach((row, i) => row.forEach((dark, j) => { if (dark) x.fillRect(j * scale, i * scale, scale, scale); }));
  return c;
}

// inPicture reads the code in a picture; null: there is none.
function inPicture(image: ImageData): Uint8Array | null {
  let got: Uint8Array | null = null;
  try { decodeQR(image, { textDecoder: (bytes) => { got = bytes.slice(); return "read"; } }); } catch { return null; }
  return got;
}

const EVERY = 150; // milliseconds between two looks
const SIDE = 720; // pixels: a larger picture reads no better and takes longer

// camera is a button that shows what the camera sees until a code is read.
export function camera(label: string, read: (code: Uint8Array) => void): HTMLElement {
  const box = h("div", { class: "camera" }), said = h("p", { role: "status" });
  const begin = h("button", { type: "button", onclick: () => void start() }, label);
  const video = h("video", { muted: true, playsInline: true, "aria-label": t("What the camera sees") });
  const canvas = document.createElement("canvas");
  let stream: MediaStream | null = null;
  const stop = () => { stream?.getTracks().forEach((x) => x.stop()); stream = null; put(box, begin, said); };
  async function start() {
    put(said);
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch (e) {
      put(said, (e as DOMException).name === "NotAllowedError" ? t("This page may not use the camera: allow it in the browser, or type the code.") : t("No camera was found: type the code."));
      return;
    }
    put(box, video, h("p", {}, h("button", { type: "button", onclick: stop }, t("Stop the camera"))), said);
    put(said, t("Hold the code before the camera."));
    video.srcObject = stream;
    await video.play().catch(() => {});
    look();
  }
  function look() {
    if (!stream || !box.isConnected) return stop();
    const w = video.videoWidth, tall = video.videoHeight, by = Math.min(1, SIDE / Math.max(w, tall, 1));
    if (w && tall) {
      canvas.width = Math.round(w * by);
      canvas.height = Math.round(tall * by);
      const x = canvas.getContext("2d", { willReadFrequently: true })!;
      x.drawImage(video, 0, 0, canvas.width, canvas.height);
      const code = inPicture(x.getImageData(0, 0, canvas.width, canvas.height));
      if (code) { stop(); return read(code); }
    }
    setTimeout(look, EVERY);
  }
  stop();
  return box;
}
