// Underlines under a textarea's words: a mirror with the same text lies behind it and carries the marks.
// <div data-checked data-panel="#findings"><textarea …></div>; the panel's fragment brings data-marks and,
// for every finding, <li class="fd" data-start data-end> with a [data-rewrite] button. A page may show the text
// in another way: box.surface then paints, selects and replaces there, places in code points of the textarea.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const points = (text) => Array.from(text); // offsets of the checker are code points
const units = (text, at) => points(text).slice(0, at).join("").length;

function paint(box, marks) {
  const area = box.querySelector("textarea");
  const mirror = box.querySelector(".mirror");
  const text = points(area.value);
  mirror.replaceChildren();
  let at = 0;
  for (const mark of marks.slice().sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (mark.start < at) continue;
    mirror.append(text.slice(at, mark.start).join(""));
    const element = document.createElement("mark");
    element.className = mark.block ? "f" : "f w";
    element.dataset.start = mark.start;
    element.textContent = text.slice(mark.start, mark.end).join("");
    mirror.append(element);
    at = mark.end;
  }
  mirror.append(text.slice(at).join("") + "\n");
  mirror.scrollTop = area.scrollTop;
}

function replace(area, start, end, put) {
  const surface = area.closest("[data-checked]")?.surface;
  if (surface) { surface.replace(start, end, put); return; }
  const text = points(area.value);
  const from = units(area.value, start);
  area.focus();
  area.setSelectionRange(from, units(area.value, end));
  // Through the editing command, so that Ctrl-Z takes a rewrite back.
  if (!(put ? document.execCommand("insertText", false, put) : document.execCommand("delete"))) {
    text.splice(start, end - start, put);
    area.value = text.join("");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// The whole sentence around a place: what 删去这句 takes away.
function sentence(text, start, end) {
  const all = points(text);
  let left = start, right = end;
  while (left > 0 && !"。！？!?\n；;".includes(all[left - 1])) left -= 1;
  while (right < all.length && !"。！？!?\n；;".includes(all[right])) right += 1;
  return [left, Math.min(right + 1, all.length)];
}

// The clause around a place with its comma: what is left still reads as a sentence.
function clause(text, start, end) {
  const all = points(text), marks = "，,。！？!?\n；;、";
  let left = start, right = end;
  while (left > 0 && !marks.includes(all[left - 1])) left -= 1;
  while (right < all.length && !marks.includes(all[right])) right += 1;
  if ("，,、".includes(all[right] ?? "。")) right += 1;
  else if (left > 0 && "，,、".includes(all[left - 1])) left -= 1;
  return [left, right];
}

function popOver(box, item, mark) {
  box.querySelector(".checked-pop")?.remove();
  const area = box.querySelector("textarea");
  const pop = document.createElement("div");
  pop.className = "checked-pop float";
  pop.setAttribute("role", "dialog");
  pop.append(...$$("details > :not(summary), summary > span:first-child", item).map((part) => part.cloneNode(true)));
  const acts = document.createElement("p");
  acts.className = "acts";
  const start = Number(item.dataset.start), end = Number(item.dataset.end);
  for (const button of $$("[data-rewrite],[data-remove]", item)) {
    const copy = button.cloneNode(true);
    copy.className = button.hasAttribute("data-rewrite") ? "btn btn-sm btn-primary" : "btn btn-sm";
    copy.addEventListener("click", () => { act(area, copy, start, end); pop.remove(); });
    acts.append(copy);
  }
  if (acts.querySelector("[data-rewrite]")) {
    const hint = document.createElement("span");
    hint.className = "end s12 t3";
    hint.innerHTML = "<kbd>Tab</kbd>";
    acts.append(hint);
  }
  pop.dataset.of = item.dataset.start;
  pop.append(acts);
  box.append(pop);
  const place = mark.getBoundingClientRect(), frame = box.getBoundingClientRect();
  pop.style.top = `${place.bottom - frame.top + 8}px`;
  pop.style.left = `${Math.max(0, Math.min(place.left - frame.left - 60, frame.width - pop.offsetWidth))}px`;
}

function act(area, button, start, end) {
  if (button.hasAttribute("data-clause")) replace(area, ...clause(area.value, start, end), "");
  else if (button.hasAttribute("data-rewrite")) replace(area, start, end, button.dataset.rewrite);
  else replace(area, ...sentence(area.value, start, end), "");
}

function setUp(box) {
  const area = box.querySelector("textarea");
  const mirror = document.createElement("div");
  mirror.className = "mirror";
  mirror.setAttribute("aria-hidden", "true");
  box.prepend(mirror);
  const panel = document.querySelector(box.dataset.panel);
  const show = (marks) => { if (box.surface) box.surface.paint(marks); else paint(box, marks); };
  const places = () => box.surface?.places() ?? $$("mark", mirror).map((mark) => ({ start: mark.dataset.start, place: mark }));
  const under = (event) => places().find(({ place }) => [...place.getClientRects()].some((r) => event.clientX >= r.left && event.clientX <= r.right && event.clientY >= r.top - 2 && event.clientY <= r.bottom + 6));
  const marks = () => JSON.parse(panel.querySelector("[data-marks]")?.dataset.marks || "[]");
  area.addEventListener("scroll", () => { mirror.scrollTop = area.scrollTop; });
  area.addEventListener("input", () => { show([]); box.querySelector(".checked-pop")?.remove(); });
  box.addEventListener("surface", () => { box.querySelector(".checked-pop")?.remove(); setTimeout(() => show(marks())); });
  box.addEventListener("keydown", (event) => {
    const pop = box.querySelector(".checked-pop");
    if (event.key === "Escape") pop?.remove();
    const take = pop?.querySelector("[data-rewrite]");
    if (event.key === "Tab" && !event.shiftKey && take && !pop.contains(event.target)) { event.preventDefault(); event.stopPropagation(); take.click(); }
  }, true);
  // The article on hover: the textarea lies above the marks, so their places are looked up.
  let resting = 0;
  box.addEventListener("mousemove", (event) => {
    clearTimeout(resting);
    resting = setTimeout(() => {
      if (box.querySelector(".checked-pop:hover")) return;
      const over = under(event);
      const item = over && $$("li[data-start]", panel).find((li) => li.dataset.start === over.start);
      const shown = box.querySelector(".checked-pop");
      if (item && shown?.dataset.of !== over.start) popOver(box, item, over.place);
    }, 220);
  });
  box.addEventListener("click", (event) => {
    if (event.target.closest(".checked-pop")) return;
    box.querySelector(".checked-pop")?.remove();
    const caret = points(area.value.slice(0, area.selectionStart)).length;
    const start = box.surface && (under(event)?.start ?? null);
    const isChosen = (li) => (box.surface ? li.dataset.start === start : +li.dataset.start <= caret && caret <= +li.dataset.end);
    const item = $$("li[data-start]", panel).find((li) => li.dataset.start !== "" && isChosen(li));
    $$("li.fd", panel).forEach((li) => li.classList.toggle("on", li === item));
    const shown = item && places().find((each) => each.start === item.dataset.start);
    if (shown) popOver(box, item, shown.place);
  });
  panel.addEventListener("htmx:afterSettle", () => { show(marks()); count(); });
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-rewrite],[data-remove]");
    const row = event.target.closest("li[data-start]");
    if (!row || row.dataset.start === "") return;
    const start = Number(row.dataset.start), end = Number(row.dataset.end);
    if (button) act(area, button, start, end);
    else if (box.surface) box.surface.select(start, end);
    else {
      area.focus();
      area.setSelectionRange(units(area.value, start), units(area.value, end));
    }
  });
  paint(box, marks());
}

// The button 送审 says how much is missing; the server refuses all the same.
function count() {
  const blocked = $$("[data-severity=block]").length;
  for (const button of $$("[data-submit-checked]")) {
    const label = button.querySelector("[data-label]");
    label.dataset.free ??= label.textContent;
    button.disabled = blocked > 0;
    label.textContent = blocked ? button.dataset.blockedLabel.replace("{n}", blocked) : label.dataset.free;
  }
  const open = $$("li[data-start] [data-rewrite]").length;
  $$("[data-rewrite-count]").forEach((place) => { place.textContent = open || ""; });
  $$("[data-rewrite-all]").forEach((button) => { button.disabled = !open; });
}

$$("[data-checked]").forEach(setUp);
count();

let lastArea = document.querySelector("[data-editor-field]");
document.addEventListener("focusin", (event) => { if (event.target.matches?.("[data-editor-field]")) lastArea = event.target; });
document.addEventListener("click", (event) => {
  const insert = event.target.closest("[data-insert]");
  const surface = lastArea?.closest("[data-checked]")?.surface;
  if (insert && surface) surface.insert(insert.dataset.insert);
  else if (insert && lastArea) {
    lastArea.closest("details")?.setAttribute("open", "");
    const at = points(lastArea.value.slice(0, lastArea.selectionStart)).length;
    const to = points(lastArea.value.slice(0, lastArea.selectionEnd)).length;
    replace(lastArea, at, to, insert.dataset.insert);
  }
  if (event.target.closest("[data-rewrite-all]")) {
    for (const box of $$("[data-checked]")) {
      const area = box.querySelector("textarea");
      const items = $$("li[data-start]", document.querySelector(box.dataset.panel)).filter((li) => li.dataset.start !== "");
      // From the end, so that earlier places stay where they are; overlapping ones are left for the next round.
      let limit = Infinity;
      for (const item of items.sort((a, b) => b.dataset.start - a.dataset.start)) {
        const button = item.querySelector("[data-rewrite]");
        const place = [+item.dataset.start, +item.dataset.end];
        const [from, to] = button?.hasAttribute("data-clause") ? clause(area.value, ...place) : place;
        if (!button || to > limit) continue;
        replace(area, from, to, button.dataset.rewrite);
        limit = from;
      }
    }
  }
});
// Purpose and custom variables change what is sent: check every channel again.
document.querySelector("#template-form")?.addEventListener("change", (event) => {
  if (event.target.matches("[name=purpose],[name=variables],[name=email_subject]"))
    $$("[data-editor-field]").forEach((area) => window.htmx?.trigger(area, "recheck"));
});
document.addEventListener("toggle", (event) => {
  const area = event.target.querySelector?.("[data-editor-field]");
  if (area) document.querySelector(`[data-findings-of="${area.name}"]`)?.toggleAttribute("hidden", !event.target.open);
}, true);
