// What the walk asks a page. The developer tools put it there.
"use strict";
window.walk = (() => {
  const all = (s, from = document) => [...from.querySelectorAll(s)];
  const usable = "a[href], area[href], button, input, select, textarea, summary, [tabindex], [contenteditable], audio[controls], video[controls], iframe";
  const name = (e) => {
    if (!e || e === document.body) return "nothing";
    const words = (e.getAttribute("aria-label") || e.innerText || e.name || "").trim().replace(/\s+/g, " ").slice(0, 50);
    return `<${e.tagName.toLowerCase()}${e.name ? ` name=${e.name}` : ""}${e.type ? ` type=${e.type}` : ""}> “${words}”`;
  };
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getClientRects().length > 0;
  // first is what Tab comes by of a group of radio buttons.
  const first = (e) => {
    if (e.type !== "radio") return e;
    const group = all("input[type=radio]").filter((r) => r.name === e.name && r.form === e.form && !r.disabled && shown(r));
    return group.find((r) => r.checked) || group[0];
  };
  const loose = (e) => e.type === "radio" && !e.checked;
  // stops are what Tab must come by: one of each group of radio buttons.
  const stops = () => all(usable).filter((e) => {
    if (e.disabled || e.closest("fieldset:disabled") || e.tabIndex < 0 || e.type === "hidden" || !shown(e)) return false;
    return e === first(e);
  });
  const ring = (e) => {
    const s = getComputedStyle(e);
    return { line: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 && s.outlineColor !== "rgba(0, 0, 0, 0)", shadow: s.boxShadow };
  };
  let want = [], plain = new Map(), came = [], wrong = [], done = false;
  const scrolls = (e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight;
  function focused(event) {
    if (done || event.target === document || event.target === document.body) return;
    const on = event.target, e = first(on);
    if (e === came[came.length - 1]) return; // it comes again when the window gets the focus back
    if (loose(e) && came.includes(e) && came[0] !== e) return; // a group in which nothing is chosen is entered wherever it is met
    if (came.length > 0 && came[0] === e) { done = true; return; }
    if (came.includes(e)) { wrong.push(`${name(e)} takes the focus twice`); done = true; return; }
    came.push(e);
    const r = ring(on);
    if (!r.line && r.shadow === plain.get(on)) wrong.push(`the focus on ${name(on)} does not show`);
    const b = on.getBoundingClientRect();
    if (b.bottom <= 0 || b.top >= innerHeight || b.right <= 0 || b.left >= innerWidth) wrong.push(`${name(e)} has the focus and is out of sight`);
  }
  let forms = [], went = new Set();
  return {
    check: async (off, only) => {
      const rules = Object.fromEntries(off.map((r) => [r, { enabled: false }]));
      const o = only ? { runOnly: { type: "rule", values: [only] } } : { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }, rules };
      const r = await axe.run(document, { ...o, resultTypes: ["violations"], elementRef: false });
      return r.violations.map((v) => ({ ID: v.id, Impact: v.impact || "", Help: v.help,
        Nodes: v.nodes.map((n) => ({ Target: n.target, HTML: n.html.slice(0, 240), Why: (n.failureSummary || "").replace(/\s+/g, " ").slice(0, 300) })) }));
    },
    shape: (lang) => {
      const bad = [], h = all("h1"), d = document.documentElement;
      if (h.length !== 1 || !h[0].innerText.trim()) bad.push(`${h.length} headings of the first rank`);
      if (!document.title.trim() || !h[0] || !document.title.includes(h[0].textContent.trim())) bad.push(`the title ${document.title} does not name the page`);
      if (d.lang !== lang) bad.push(`the language is ${d.lang}, not ${lang}`);
      if ((getComputedStyle(d).direction === "rtl") !== ["ar", "he", "fa", "ur"].includes(lang)) bad.push(`the direction is ${getComputedStyle(d).direction}`);
      for (const s of ["main", "body > header", "body > footer"]) if (all(s).length !== 1) bad.push(`${all(s).length} of ${s}`);
      const navs = all("nav").map((n) => n.getAttribute("aria-label") || "");
      if (navs.some((n) => !n) || new Set(navs).size !== navs.length) bad.push(`landmarks of navigation without names of their own: ${navs}`);
      let rank = 1;
      for (const x of all("h1, h2, h3, h4, h5, h6").filter(shown)) {
        const n = Number(x.tagName[1]);
        if (n > rank + 1) bad.push(`a heading of rank ${n} follows one of rank ${rank}: ${x.innerText.slice(0, 40)}`);
        rank = n;
      }
      const ids = all("[id]").map((e) => e.id), twice = ids.filter((x, i) => ids.indexOf(x) !== i);
      if (twice.length) bad.push(`ids used twice: ${twice}`);
      if (all("[tabindex]").some((e) => e.tabIndex > 0)) bad.push("an order of its own for Tab");
      return bad;
    },
    over: () => {
      const d = document.documentElement, n = d.scrollWidth - d.clientWidth;
      if (n <= 0) return "";
      const e = all("body *").filter((x) => shown(x) && !x.closest(".scroll") && (x.getBoundingClientRect().right > d.clientWidth + 1 || x.getBoundingClientRect().left < -1)).pop();
      return `${n} px wider than the screen, by ${name(e)} ${e ? e.className : ""}`;
    },
    open: () => { for (const d of all("details")) d.open = true; },
    summaries: () => { for (const d of all("details")) d.open = false; return all("summary").length; },
    focusSummary: (i) => { for (let d = all("summary")[i].parentElement.parentElement.closest("details"); d; d = d.parentElement.closest("details")) d.open = true; all("summary")[i].focus(); },
    isOpen: (i) => all("summary")[i].parentElement.open,
    begin: () => {
      if (document.activeElement) document.activeElement.blur();
      window.scrollTo(0, 0);
      want = stops(); came = []; wrong = []; done = want.length === 0; plain = new Map();
      for (const e of all("*")) if (e.tabIndex >= 0) plain.set(e, getComputedStyle(e).boxShadow);
      document.addEventListener("focusin", focused, true);
      const parts = { date: 4, "datetime-local": 8, time: 4, month: 3, number: 1 };
      return want.reduce((n, e) => n + (parts[e.type] || 1), 8) * 1.3 | 0;
    },
    so: () => ({ Done: done, Count: came.length, Wrong: [] }),
    end: () => {
      document.removeEventListener("focusin", focused, true);
      const extra = came.filter((e) => !want.includes(e) && !scrolls(e));
      for (const e of extra) wrong.push(`Tab stops at ${name(e)}, which is nothing to use`);
      for (const e of want) if (!came.includes(e)) wrong.push(`Tab never comes to ${name(e)}`);
      const order = came.filter((e) => want.includes(e) && !loose(e)).map((e) => want.indexOf(e));
      const start = order.indexOf(0), turned = start < 0 ? order : [...order.slice(start), ...order.slice(0, start)];
      for (let i = 1; i < turned.length; i++) if (turned[i] < turned[i - 1]) { wrong.push(`${name(want[turned[i]])} comes after ${name(want[turned[i - 1]])}`); break; }
      return { Done: done, Count: came.length, Wrong: wrong };
    },
    toSkip: () => { const e = stops()[0]; if (!e || !(e.getAttribute("href") || "").endsWith("#main")) return false; e.focus(); return true; },
    forms: () => {
      forms = all("form").filter((f) => all("button, input, select, textarea", f).some(shown)); went = new Set();
      addEventListener("submit", (e) => { e.preventDefault(); e.stopImmediatePropagation(); went.add(e.target); }, true);
      addEventListener("invalid", (e) => { e.preventDefault(); went.add(e.target.form); }, true);
      return forms.length;
    },
    inForm: (i) => {
      const own = [...forms[i].elements].filter((e) => shown(e) && !e.disabled);
      const e = own.find((x) => x.tagName === "INPUT" && !["checkbox", "radio", "file", "submit", "button", "date", "datetime-local"].includes(x.type)) || own.find((x) => x.type === "submit");
      if (!e) return "";
      e.focus();
      return name(e);
    },
    sent: (i) => went.has(forms[i]),
    // field says whether the focus is on the field of that name or label, at
    // whether it is on such a field or on a link or a button with the words.
    field: (words) => {
      const e = document.activeElement, label = e && e.labels && e.labels[0] ? e.labels[0].innerText : "";
      return !!e && e !== document.body && (e.name === words || e.id === words || (label !== "" && label.startsWith(words)));
    },
    at: (words) => walk.field(words) || (["A", "BUTTON", "SUMMARY"].includes(document.activeElement.tagName) && document.activeElement.innerText.replace(/\s+/g, " ").includes(words)),
  };
})();
