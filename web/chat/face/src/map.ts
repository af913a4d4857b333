// A map that calls nobody: coasts out of a file of this page, a grid of degrees, a
// scale, the north. Only if whoever built the page named a tile server, and the
// person chose it, are pictures fetched from there.
import { h, put } from "./dom";
import { t } from "./words";

declare const TILES: string; // address of a tile server's pictures; "": there is none

export type Spot = { lat: number; lon: number; within?: number };

export const tileHost = TILES ? new URL(TILES).host : "";
export const tilesChosen = () => !!TILES && localStorage.getItem("tiles") === "on";

const SIZE = 256, LIMIT = 85.05, EARTH = 6371008.8;
const rad = (x: number) => (x * Math.PI) / 180;

// across and down are a place on a Mercator map of the world that is `size` wide.
const across = (lon: number, size: number) => ((lon + 180) / 360) * size;
const down = (lat: number, size: number) => { const s = Math.sin(rad(Math.max(-LIMIT, Math.min(LIMIT, lat)))); return (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * size; };
const latAt = (y: number, size: number) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / size))) * 180) / Math.PI;

// metres is how far apart two places are.
export function metres(a: Spot, b: Spot): number {
  const x = Math.sin(rad(b.lat - a.lat) / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(rad(b.lon - a.lon) / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(x)));
}

// bearing is in which of eight directions the second lies, seen from the first.
export function bearing(a: Spot, b: Spot): string {
  const y = Math.sin(rad(b.lon - a.lon)) * Math.cos(rad(b.lat)), x = Math.cos(rad(a.lat)) * Math.sin(rad(b.lat)) - Math.sin(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.cos(rad(b.lon - a.lon));
  const names = [t("north"), t("north-east"), t("east"), t("south-east"), t("south"), t("south-west"), t("west"), t("north-west")];
  return names[Math.round((((Math.atan2(y, x) * 180) / Math.PI + 360) % 360) / 45) % 8]!;
}

export const far = (m: number) => (m < 950 ? t("{n} m", { n: Math.max(Math.round(m / 10) * 10, 1) }) : t("{n} km", { n: m < 9500 ? (m / 1000).toFixed(1) : Math.round(m / 1000) }));
const side = (x: number, plus: string, minus: string) => `${Math.abs(x).toFixed(4)}° ${x < 0 ? minus : plus}`;
export const degrees = (s: Spot) => `${side(s.lat, t("N"), t("S"))}, ${side(s.lon, t("E"), t("W"))}`;

type Land = { transform: { scale: [number, number]; translate: [number, number] }; arcs: [number, number][][] };
let land: Promise<[number, number][][]> | null = null;

// coasts are lines of longitude and latitude, read once.
function coasts(): Promise<[number, number][][]> {
  return land ??= fetch("land.json").then((r) => r.json()).then(({ transform: { scale, translate }, arcs }: Land) => arcs.map((arc) => {
    let x = 0, y = 0;
    return arc.map(([dx, dy]) => { x += dx; y += dy; return [x * scale[0] + translate[0], y * scale[1] + translate[1]] as [number, number]; });
  })).catch(() => { land = null; return []; });
}

function line(kind: string, of: Record<string, string | number>, words = ""): SVGElement {
  const e = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [k, v] of Object.entries(of)) e.setAttribute(k, String(v));
  e.textContent = words;
  return e;
}

const steps = [90, 45, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];

// EarthMap is one map: a place in its middle, and what else is on it.
export class EarthMap {
  readonly box = h("div", { class: "map" });
  private tiles = h("div", { class: "tiles", "aria-hidden": "true" });
  private svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  you: Spot | null = null;

  constructor(public spot: Spot, private label: string, private zoom = 5, private w = 480, private tall = 300) {
    this.svg.setAttribute("viewBox", `0 0 ${w} ${tall}`);
    this.svg.setAttribute("role", "img");
    put(this.box, this.tiles, this.svg);
    this.draw();
  }

  // buttons make the map larger and smaller.
  buttons(): HTMLElement {
    const by = (d: number) => () => { this.zoom = Math.max(0, Math.min(17, this.zoom + d)); this.draw(); };
    return h("p", { class: "row" }, h("button", { type: "button", onclick: by(2) }, t("Closer")), h("button", { type: "button", onclick: by(-2) }, t("Farther")));
  }

  // choose lets a person say where, by pressing on the map or by the arrow keys.
  choose(to: (s: Spot) => void) {
    this.box.classList.add("chosen");
    Object.assign(this.box, { tabIndex: 0 });
    this.box.setAttribute("role", "application");
    this.box.setAttribute("aria-label", t("Map: move the place with the arrow keys"));
    const go = (dx: number, dy: number) => {
      const size = SIZE * 2 ** this.zoom, x = across(this.spot.lon, size) + dx, y = Math.max(0, Math.min(size, down(this.spot.lat, size) + dy));
      to({ lat: latAt(y, size), lon: ((((x / size) * 360) % 360) + 360) % 360 - 180 });
    };
    this.svg.addEventListener("click", (e) => { const r = this.svg.getBoundingClientRect(), k = this.w / r.width; go((e.clientX - r.left - r.width / 2) * k, (e.clientY - r.top - r.height / 2) * k); });
    this.box.addEventListener("keydown", (e) => {
      const d = ({ ArrowLeft: [-24, 0], ArrowRight: [24, 0], ArrowUp: [0, -24], ArrowDown: [0, 24] } as Record<string, [number, number]>)[e.key];
      if (d) { e.preventDefault(); go(...d); }
    });
  }

  set(s: Spot) { this.spot = s; this.draw(); }

  draw() {
    const size = SIZE * 2 ** this.zoom, left = across(this.spot.lon, size) - this.w / 2, top = down(this.spot.lat, size) - this.tall / 2;
    const at = (s: Spot): [number, number] => [across(s.lon, size) - left, down(s.lat, size) - top];
    this.svg.setAttribute("aria-label", `${this.label}: ${degrees(this.spot)}`);
    const coast = line("path", { class: "coast" });
    this.svg.replaceChildren(coast, ...this.grid(size, left, top), ...this.marks(at, size), ...this.legend(size));
    void coasts().then((all) => coast.setAttribute("d", this.path(all, at)));
    put(this.tiles);
    this.box.classList.toggle("drawn", tilesChosen());
    if (tilesChosen()) this.pictures(size, left, top);
  }

  private path(all: [number, number][][], at: (s: Spot) => [number, number]): string {
    return all.map((arc) => {
      const points = arc.map(([lon, lat]) => at({ lat, lon })), xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
      if (Math.min(...xs) > this.w || Math.max(...xs) < 0 || Math.min(...ys) > this.tall || Math.max(...ys) < 0) return "";
      return points.map(([x, y], i) => `${i && Math.abs(arc[i]![0] - arc[i - 1]![0]) < 180 ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join(""); // not across the whole map at the date line
    }).join("");
  }

  private grid(size: number, left: number, top: number): SVGElement[] {
    const out: SVGElement[] = [], named = this.tall > 200, wide = (this.w / size) * 360, step = steps.findLast((s) => wide / s <= 6) ?? 90, digits = Math.max(0, Math.ceil(-Math.log10(step)));
    for (let lon = Math.ceil(((left / size) * 360 - 180) / step) * step; across(lon, size) < left + this.w; lon += step) {
      const x = across(lon, size) - left;
      out.push(line("line", { class: "grid", x1: x, x2: x, y1: 0, y2: this.tall }));
      if (named) out.push(line("text", { class: "degree", x: x + 3, y: this.tall - 4 }, `${lon.toFixed(digits)}°`));
    }
    const low = latAt(Math.min(size, top + this.tall), size), high = latAt(Math.max(0, top), size);
    for (let lat = Math.ceil(low / step) * step; lat < high; lat += step) {
      const y = down(lat, size) - top;
      out.push(line("line", { class: "grid", x1: 0, x2: this.w, y1: y, y2: y }));
      if (named) out.push(line("text", { class: "degree", x: 4, y: y - 3 }, `${lat.toFixed(digits)}°`));
    }
    return out;
  }

  private marks(at: (s: Spot) => [number, number], size: number): SVGElement[] {
    const [x, y] = at(this.spot), out: SVGElement[] = [], metre = size / (2 * Math.PI * EARTH * Math.max(0.05, Math.cos(rad(this.spot.lat))));
    if (this.spot.within) out.push(line("circle", { class: "within", cx: x, cy: y, r: Math.min(this.spot.within * metre, 4 * this.w) }));
    if (this.you) {
      const [a, b] = at(this.you);
      out.push(line("line", { class: "way", x1: a, y1: b, x2: x, y2: y }), line("circle", { class: "you", cx: a, cy: b, r: 6 }));
    }
    return [...out, line("path", { class: "pin", d: `M${x} ${y}c-3-9-10-12-10-20a10 10 0 0 1 20 0c0 8-7 11-10 20z` }), line("circle", { class: "hole", cx: x, cy: y - 20, r: 4 })];
  }

  // legend is the scale and the north.
  private legend(size: number): SVGElement[] {
    const metre = size / (2 * Math.PI * EARTH * Math.max(0.05, Math.cos(rad(this.spot.lat)))), most = 120 / metre, ten = 10 ** Math.floor(Math.log10(most));
    const is = [5, 2, 1].find((n) => n * ten <= most)! * ten, x = this.w - 12, y = 22;
    return [line("path", { class: "scale", d: `M${x - is * metre} ${y - 6}v6h${is * metre}v-6` }), line("text", { class: "north", x, y: y - 9, "text-anchor": "end" }, far(is)),
      line("path", { class: "arrow", d: "M18 34V12m-6 8 6-9 6 9" }), line("text", { class: "north", x: 18, y: 46, "text-anchor": "middle" }, t("N"))];
  }

  private pictures(size: number, left: number, top: number) {
    const many = 2 ** this.zoom;
    for (let x = Math.floor(left / SIZE); x * SIZE < left + this.w; x++) for (let y = Math.max(0, Math.floor(top / SIZE)); y * SIZE < Math.min(size, top + this.tall); y++) {
      const src = TILES.replace("{z}", String(this.zoom)).replace("{x}", String(((x % many) + many) % many)).replace("{y}", String(y));
      const img = h("img", { alt: "", crossOrigin: "anonymous", draggable: false });
      const pc = (n: number, of: number) => `${(n / of) * 100}%`;
      Object.assign(img.style, { left: pc(x * SIZE - left, this.w), top: pc(y * SIZE - top, this.tall), width: pc(SIZE, this.w), height: pc(SIZE, this.tall) });
      img.src = src;
      this.tiles.append(img);
    }
  }
}
