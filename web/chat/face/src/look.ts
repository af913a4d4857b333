// What is found in a film before it is sent: its sides, how long it lasts, and a
// picture of few pixels that travels inside the message. A worker cannot play
// films; the small pictures of photos are made there.

export type Seen = { type: string; width: number; height: number; length: number; thumb: Uint8Array | null };

const LONG = 256, BYTES = 24 << 10, PATIENCE = 6000;

export async function look(file: File): Promise<Seen> {
  const seen: Seen = { type: file.type, width: 0, height: 0, length: 0, thumb: null };
  if (file.type.startsWith("video/")) await film(file, seen).catch(() => {}); // it goes without
  return seen;
}

async function film(file: File, seen: Seen) {
  const v = document.createElement("video"), at = URL.createObjectURL(file);
  try {
    Object.assign(v, { muted: true, preload: "auto", src: at });
    await event(v, "loadeddata");
    [seen.width, seen.height] = [v.videoWidth, v.videoHeight];
    if (Number.isFinite(v.duration)) {
      seen.length = Math.round(v.duration * 1000);
      v.currentTime = Math.min(1, v.duration / 4);
      await event(v, "seeked");
    }
    if (v.videoWidth) seen.thumb = await small(v, v.videoWidth, v.videoHeight);
  } finally { v.removeAttribute("src"); v.load(); URL.revokeObjectURL(at); }
}

function event(e: HTMLMediaElement, name: string): Promise<void> {
  return new Promise((good, bad) => {
    const late = setTimeout(() => bad(new Error("too slow")), PATIENCE);
    e.addEventListener(name, () => { clearTimeout(late); good(); }, { once: true });
    e.addEventListener("error", () => { clearTimeout(late); bad(e.error); }, { once: true });
  });
}

async function small(from: CanvasImageSource, w: number, h: number): Promise<Uint8Array | null> {
  const f = Math.min(1, LONG / Math.max(w, h, 1)), c = new OffscreenCanvas(Math.max(1, Math.round(w * f)), Math.max(1, Math.round(h * f))), x = c.getContext("2d")!;
  x.fillStyle = "#fff";
  x.fillRect(0, 0, c.width, c.height);
  x.drawImage(from, 0, 0, c.width, c.height);
  for (const quality of [0.8, 0.55, 0.3]) {
    const b = await c.convertToBlob({ type: "image/jpeg", quality });
    if (b.size <= BYTES) return new Uint8Array(await b.arrayBuffer());
  }
  return null;
}
