// A picture with data-draw gets a rectangle, drawn by pointer or moved by keys,
// whose sides go into the number fields of the form that data-draw names. The
// form works without this script; nothing is sent or fetched here.
const SIDES = ["left", "top", "right", "bottom"];
const LEAST = 0.5;
const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
const tenth = (v) => Math.round(v * 10) / 10;

class Surface {
  constructor(area, form) {
    this.area = area;
    this.form = form;
    this.image = area.querySelector("img");
    this.sheet = document.createElement("div");
    this.sheet.className = "drawing";
    this.image.replaceWith(this.sheet);
    this.sheet.append(this.image);
    this.frame = document.createElement("div");
    this.frame.className = "drawn";
    this.frame.tabIndex = 0;
    this.frame.hidden = true;
    this.frame.setAttribute("role", "application");
    this.frame.setAttribute("aria-label", area.dataset.keys);
    this.sheet.append(this.frame);
    this.status = document.createElement("p");
    this.status.setAttribute("role", "status");
    this.status.className = "hint";
    this.begin = document.createElement("button");
    this.begin.type = "button";
    this.begin.className = "quiet";
    this.begin.textContent = area.dataset.begin;
    area.before(this.begin, this.status);
    this.image.draggable = false;
    this.listen();
  }

  listen() {
    this.begin.addEventListener("click", () => {
      this.put(this.read() || { left: 30, top: 45, right: 70, bottom: 50 });
      this.frame.focus();
    });
    this.sheet.addEventListener("pointerdown", (e) => this.down(e));
    this.sheet.addEventListener("pointermove", (e) => this.move(e));
    this.sheet.addEventListener("pointerup", () => { this.from = null; });
    this.sheet.addEventListener("pointercancel", () => { this.from = null; });
    this.frame.addEventListener("keydown", (e) => this.key(e));
    for (const side of SIDES) this.field(side).addEventListener("input", () => this.show(this.read()));
  }

  field(side) { return this.form.elements.namedItem(side); }

  // read is what the fields say; null if they say no rectangle.
  read() {
    const box = {};
    for (const side of SIDES) {
      const text = this.field(side).value;
      box[side] = Number(text);
      if (text === "" || !(box[side] >= 0 && box[side] <= 100)) return null;
    }
    return box.left < box.right && box.top < box.bottom ? box : null;
  }

  at(e) {
    const r = this.image.getBoundingClientRect();
    return { x: clamp((e.clientX - r.left) / r.width * 100, 0, 100), y: clamp((e.clientY - r.top) / r.height * 100, 0, 100) };
  }

  down(e) {
    if (e.button !== 0) return;
    e.preventDefault();
    this.sheet.setPointerCapture(e.pointerId);
    this.from = this.at(e);
  }

  move(e) {
    if (!this.from) return;
    const to = this.at(e);
    const box = { left: Math.min(this.from.x, to.x), right: Math.max(this.from.x, to.x), top: Math.min(this.from.y, to.y), bottom: Math.max(this.from.y, to.y) };
    if (box.right - box.left >= LEAST && box.bottom - box.top >= LEAST) this.put(box);
  }

  key(e) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    const box = this.read();
    if (e.key === "Enter") {
      e.preventDefault();
      this.form.requestSubmit(this.form.querySelector("button[type=submit]"));
    } else if (e.key === "Escape") {
      this.frame.hidden = true;
      this.begin.focus();
    } else if (way && box) {
      e.preventDefault();
      this.step(box, way, e.ctrlKey ? 0.1 : 1, e.shiftKey);
    }
  }

  // step moves the rectangle, or with Shift its right and lower sides.
  step(box, [x, y], by, sides) {
    x *= by;
    y *= by;
    if (!sides) {
      x = clamp(x, -box.left, 100 - box.right);
      y = clamp(y, -box.top, 100 - box.bottom);
      box.left += x;
      box.top += y;
    }
    box.right = clamp(box.right + x, box.left + LEAST, 100);
    box.bottom = clamp(box.bottom + y, box.top + LEAST, 100);
    this.put(box);
  }

  put(box) {
    for (const side of SIDES) this.field(side).value = tenth(box[side]);
    this.show(this.read());
  }

  show(box) {
    this.frame.hidden = !box;
    if (!box) return;
    this.frame.style.left = box.left + "%";
    this.frame.style.top = box.top + "%";
    this.frame.style.width = box.right - box.left + "%";
    this.frame.style.height = box.bottom - box.top + "%";
    this.status.textContent = `${this.area.dataset.says} ${box.left}–${box.right} % ↔, ${box.top}–${box.bottom} % ↕`;
  }
}

for (const area of document.querySelectorAll("[data-draw]")) {
  const form = document.getElementById(area.dataset.draw);
  if (form) new Surface(area, form);
}
