// A handful of helpers in place of a framework. Text is always text: nothing
// here turns a string into elements.

type Child = Node | string | null | undefined | false;
type Props = Record<string, unknown>;

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (v === null || v === undefined || v === false) continue;
    if (k.startsWith("on")) e.addEventListener(k.slice(2), v as EventListener);
    else if (k === "class" || k.includes("-") || k === "role" || k === "for" || k === "list") e.setAttribute(k === "for" ? "for" : k, v === true ? "" : String(v));
    else (e as any)[k] = v;
  }
  put(e, ...children);
  return e;
}

export function put(e: Element, ...children: Child[]) {
  e.replaceChildren(...children.filter((c): c is Node | string => !!c || c === ""));
}

export function svg(path: string): SVGSVGElement {
  const s = document.createElementNS("http://www.w3.org/2000/svg", "svg"), p = document.createElementNS("http://www.w3.org/2000/svg", "path");
  s.setAttribute("viewBox", "0 0 24 24");
  s.setAttribute("aria-hidden", "true");
  p.setAttribute("d", path);
  s.append(p);
  return s;
}

// icon is a button that shows a picture and says what it does.
export function icon(label: string, path: string, click: (e: MouseEvent) => void, props: Props = {}): HTMLButtonElement {
  return h("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick: click, ...props }, svg(path));
}

export const shapes = {
  back: "M20 11H7.8l5.6-5.6L12 4l-8 8 8 8 1.4-1.4L7.8 13H20z",
  plus: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  gear: "M19.4 13a7.5 7.5 0 0 0 0-2l2-1.6-2-3.4-2.4 1a7 7 0 0 0-1.7-1L15 3.5h-4L10.7 6A7 7 0 0 0 9 7L6.6 6l-2 3.4 2 1.6a7.5 7.5 0 0 0 0 2l-2 1.6 2 3.4 2.4-1a7 7 0 0 0 1.7 1l.3 2.5h4l.3-2.5a7 7 0 0 0 1.7-1l2.4 1 2-3.4zM13 15.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7z",
  lock: "M7 10V8a5 5 0 0 1 10 0v2h1.5v11h-13V10zm2 0h6V8a3 3 0 0 0-6 0z",
  more: "M12 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  send: "M3 20v-6l8-2-8-2V4l19 8z",
  close: "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6L19 6.4 17.6 5 12 10.6z",
  ring: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2a7 7 0 1 1 0 14 7 7 0 0 1 0-14zm0 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  pin: "M12 22c-4-6-7-9-7-13a7 7 0 0 1 14 0c0 4-3 7-7 13zm0-10a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  copy: "M8 7V3h13v13h-4v5H3V7zm2 0h7v7h2V5h-9zM5 9v10h10V9z",
  down: "M12 16 5 9l1.4-1.4 5.6 5.6 5.6-5.6L19 9z",
};

// dialog opens a modal dialog and is done when it closes. Escape closes it.
export function dialog(title: string, close: string, ...body: Child[]): HTMLDialogElement {
  const d = h("dialog", { "aria-labelledby": "dialog-title" });
  put(d, h("header", {}, h("h2", { id: "dialog-title", tabIndex: -1 }, title), icon(close, shapes.close, () => d.close())), h("div", { class: "body" }, ...body));
  for (const old of document.querySelectorAll("dialog")) (old as HTMLDialogElement).close();
  const before = document.activeElement as HTMLElement | null;
  d.addEventListener("close", () => {
    const lost = d.contains(document.activeElement) || document.activeElement === document.body; // what closed it may have led elsewhere
    d.remove();
    if (lost && before?.isConnected) before.focus();
  });
  d.addEventListener("click", (e) => { if (e.target === d) d.close(); });
  document.body.append(d);
  d.showModal();
  return d;
}

// field is an input with its label.
export function field(label: string, props: Props, help = ""): [HTMLElement, HTMLInputElement] {
  const id = "f" + Math.random().toString(36).slice(2);
  // A browser keeps what is typed into forms, open on the disk, unless told not to.
  const input = h("input", { id, autocomplete: "off", ...props, "aria-describedby": help ? id + "h" : null });
  return [h("p", { class: "field" }, h("label", { for: id }, label), input, help ? h("small", { id: id + "h" }, help) : null), input];
}
