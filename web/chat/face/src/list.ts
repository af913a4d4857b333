// A long list of which only what is on the screen exists. Rows have heights of
// their own: they are guessed until they were seen, and what is above the
// screen never moves what is on it.

type Options = {
  row: (key: number, at: number, of: number) => HTMLLIElement; // as it is to be shown now
  missing: (keys: number[]) => void; // keys whose rows are placeholders
  has: (key: number) => boolean;
  label: string;
  moved?: (atEnd: boolean) => void;
};

const GUESS = 64, MARGIN = 12;

export class LongList {
  readonly box = document.createElement("div");
  private ol = document.createElement("ol");
  private keys: number[] = [];
  private heights = new Map<number, number>();
  private tops = new Float64Array(1);
  private rows = new Map<number, HTMLLIElement>();
  private stale = new Set<number>();
  private frame = 0;
  private active = -1; // key of the row that Tab comes to
  atEnd = true;

  constructor(private o: Options) {
    this.box.className = "scroller";
    this.ol.setAttribute("aria-label", o.label);
    this.ol.setAttribute("role", "list");
    this.box.append(this.ol);
    this.box.addEventListener("scroll", () => {
      const end = this.box.scrollTop + this.box.clientHeight >= this.box.scrollHeight - 40;
      if (end !== this.atEnd) { this.atEnd = end; o.moved?.(end); }
      this.draw();
    }, { passive: true });
    this.ol.addEventListener("keydown", (e) => this.key(e));
    this.ol.addEventListener("focusin", (e) => {
      const li = (e.target as HTMLElement).closest("li");
      for (const [k, row] of this.rows) if (row === li) this.activate(k);
    });
    new ResizeObserver(() => { this.heights.clear(); this.layout(); if (this.atEnd) this.toEnd(); this.draw(true); }).observe(this.box);
  }

  get length() { return this.keys.length; }
  get shown() { return this.rows.size; }

  // set replaces the keys; what is on the screen stays where it is.
  set(keys: number[]) {
    const stick = this.atEnd, anchor = this.anchor();
    this.keys = keys;
    if (!keys.includes(this.active)) this.active = keys.at(-1) ?? -1;
    this.layout();
    for (const [k, row] of this.rows) if (!keys.includes(k)) { row.remove(); this.rows.delete(k); }
    if (stick) this.toEnd(); else this.restore(anchor);
    this.draw(true);
  }

  add(key: number) {
    if (this.keys.at(-1) === key) return this.refresh(key);
    const stick = this.atEnd;
    this.keys.push(key);
    if (this.active < 0 || stick) this.active = key;
    this.layout();
    if (stick) this.toEnd();
    this.draw(true);
  }

  refresh(key: number) { this.stale.add(key); this.draw(); }

  toEnd() { this.atEnd = true; this.box.scrollTop = this.box.scrollHeight; this.draw(); }

  // show brings a row to the middle of the screen and gives it the focus.
  show(key: number) {
    const at = this.keys.indexOf(key);
    if (at < 0) return;
    this.active = key;
    for (let i = 0; i < 3; i++) { // heights on the way are guesses at first
      this.box.scrollTop = this.tops[at]! - this.box.clientHeight / 2;
      this.paint();
    }
    this.rows.get(key)?.focus();
  }

  focus() { this.draw(true); (this.rows.get(this.active) ?? this.rows.values().next().value)?.focus(); }

  private activate(key: number) {
    if (key === this.active) return;
    const old = this.rows.get(this.active);
    if (old) old.tabIndex = -1;
    this.active = key;
    this.rows.get(key)!.tabIndex = 0;
  }

  private key(e: KeyboardEvent) {
    if ((e.target as HTMLElement).tagName !== "LI") return;
    const at = this.keys.indexOf(this.active), last = this.keys.length - 1;
    const page = Math.max(1, Math.floor(this.box.clientHeight / GUESS) - 1);
    const to = ({ ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last, PageUp: at - page, PageDown: at + page } as Record<string, number>)[e.key];
    if (to === undefined) return;
    e.preventDefault();
    this.go(Math.max(0, Math.min(last, to)));
  }

  private go(at: number) {
    const key = this.keys[at]!, top = this.tops[at]!, bottom = this.tops[at + 1]!;
    if (top < this.box.scrollTop) this.box.scrollTop = top - 8;
    else if (bottom > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = bottom - this.box.clientHeight + 8;
    this.paint(key);
    this.rows.get(key)?.focus({ preventScroll: true });
    this.rows.get(key)?.scrollIntoView({ block: "nearest" });
  }

  private layout() {
    if (this.tops.length < this.keys.length + 1) this.tops = new Float64Array(this.keys.length * 2 + 64);
    let at = 0;
    this.keys.forEach((k, i) => { this.tops[i] = at; at += this.heights.get(k) ?? GUESS; });
    this.tops[this.keys.length] = at;
    this.ol.style.blockSize = at + "px";
  }

  private find(y: number): number {
    let lo = 0, hi = this.keys.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (this.tops[mid + 1]! <= y) lo = mid + 1; else hi = mid;
    }
    return lo;
  }

  private anchor(): [number, number] | null {
    const key = this.keys[this.find(this.box.scrollTop)];
    return key === undefined ? null : [key, this.tops[this.keys.indexOf(key)]! - this.box.scrollTop];
  }

  private restore(a: [number, number] | null) {
    const at = a ? this.keys.indexOf(a[0]) : -1;
    if (a && at >= 0) this.box.scrollTop = this.tops[at]! - a[1];
  }

  private draw(now = false) {
    if (now) { cancelAnimationFrame(this.frame); this.frame = 0; return this.paint(); }
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.paint(); });
  }

  private paint(also = this.active) {
    if (!this.box.isConnected || this.box.clientHeight === 0) return;
    for (let round = 0; round < 4; round++) if (!this.once(also)) break;
  }

  // once puts the rows of the screen where they belong, and says whether a
  // height turned out other than guessed.
  private once(also: number): boolean {
    const n = this.keys.length, y = this.box.scrollTop;
    const from = Math.max(0, this.find(y) - MARGIN), to = Math.min(n, this.find(y + this.box.clientHeight) + 1 + MARGIN);
    const want = new Map<number, number>();
    for (let i = from; i < to; i++) want.set(this.keys[i]!, i);
    const held = this.ol.contains(document.activeElement) ? this.active : also;
    const at = this.keys.indexOf(held);
    if (at >= 0) want.set(held, at);
    for (const [k, row] of this.rows) if (!want.has(k)) { row.remove(); this.rows.delete(k); }
    const missing: number[] = [];
    let before: HTMLLIElement | null = null;
    for (const [k, i] of [...want].sort((a, b) => a[1] - b[1])) {
      if (!this.o.has(k)) missing.push(k);
      before = this.place(k, i, n, before);
    }
    this.stale.clear();
    if (missing.length) this.o.missing(missing);
    return this.measure();
  }

  private place(k: number, i: number, n: number, before: HTMLLIElement | null): HTMLLIElement {
    let row = this.rows.get(k);
    if (!row || this.stale.has(k)) {
      const made = this.o.row(k, i, n), focused = row && row === document.activeElement;
      made.tabIndex = k === this.active ? 0 : -1;
      if (row) row.replaceWith(made);
      this.rows.set(k, row = made);
      if (focused) made.focus({ preventScroll: true });
    }
    row.setAttribute("aria-posinset", String(i + 1));
    row.setAttribute("aria-setsize", String(n));
    row.style.transform = `translateY(${this.tops[i]}px)`;
    const next: ChildNode | null = before ? before.nextSibling : this.ol.firstChild;
    if (next !== row) this.ol.insertBefore(row, next);
    return row;
  }

  private measure(): boolean {
    let changed = false;
    const stick = this.atEnd, anchor = stick ? null : this.anchor();
    for (const [k, row] of this.rows) {
      const is = row.offsetHeight;
      if (is && this.o.has(k) && Math.abs((this.heights.get(k) ?? GUESS) - is) > 0.5) { this.heights.set(k, is); changed = true; }
    }
    if (changed) {
      this.layout();
      if (stick) this.box.scrollTop = this.box.scrollHeight; else this.restore(anchor);
    }
    return changed;
  }
}
