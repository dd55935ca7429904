// The editor of content: toolbar, count, class, previews, and the way to a lawful science text.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const form = $("#item-form"), area = $("#id_body"), box = area.closest("[data-checked]"), title = $("#id_title"), urls = $("#writing-script").dataset;

function put(text, from = area.selectionStart, to = area.selectionEnd, select = null) {
  area.focus();
  area.setSelectionRange(from, to);
  // Through the editing command, so that Ctrl-Z takes it back.
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (select) area.setSelectionRange(from + select[0], from + select[1]);
}
function wrap(mark, word) {
  const chosen = area.value.slice(area.selectionStart, area.selectionEnd) || word;
  put(`${mark}${chosen}${mark}`, undefined, undefined, [mark.length, mark.length + chosen.length]);
}
function prefix(mark) {
  const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  let to = area.value.indexOf("\n", area.selectionEnd);
  if (to < 0) to = area.value.length;
  const lines = area.value.slice(from, to).split("\n");
  const all = lines.every((line) => line.startsWith(mark));
  put(lines.map((line) => (all ? line.slice(mark.length) : mark + line)).join("\n"), from, to);
}
const words = { bold: "**", italic: "*", heading: "## ", list: "- ", steps: "1. ", quote: "> " };
const commands = {
  bold: () => wrap(words.bold, "…"),
  italic: () => wrap(words.italic, "…"),
  heading: () => prefix(words.heading),
  list: () => prefix(words.list),
  steps: () => prefix(words.steps),
  quote: () => prefix(words.quote),
  facts: () => put("\n- …：…\n", area.selectionEnd, area.selectionEnd, [3, 4]),
  link: () => {
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd) || "…";
    put(`[${chosen}](https://)`, undefined, undefined, [chosen.length + 11, chosen.length + 11]);
  },
  undo: () => { area.focus(); document.execCommand("undo"); },
};
function grow() {
  for (const one of [title, area]) {
    one.style.height = "auto";
    one.style.height = `${one.scrollHeight + 2}px`;
  }
  const letters = area.value.replace(/\s+/g, "").length;
  $("[data-count]").textContent = letters.toLocaleString();
  $("[data-minutes]").textContent = Math.max(1, Math.round(letters / 350));
}
function classSays() {
  const chosen = $("[name=page_class]:checked");
  $("[data-class-says]").textContent = chosen?.dataset.consequenceText ?? "";
  $$("[data-for-class]").forEach((part) => { part.hidden = part.dataset.forClass !== chosen?.value; });
}
const recheck = () => window.htmx?.trigger(area, "recheck");
const ask = (url, target, extra) => window.htmx.ajax("POST", url, { source: form, target, values: { ...Object.fromEntries(new FormData(form)), ...extra } });

area.addEventListener("input", grow);
box.addEventListener("surface", grow);
title.addEventListener("input", grow);
title.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); $("#id_summary").focus(); } });
area.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey)) return;
  const name = { b: "bold", i: "italic" }[event.key.toLowerCase()];
  if (name) { event.preventDefault(); commands[name](); }
});
let typing = 0;
for (const part of $$("[data-recheck]")) part.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(recheck, 300); });
form.addEventListener("change", (event) => {
  if (event.target.matches("[name=page_class]")) classSays();
  if (event.target.matches("[name=page_class],[name=kind],[name=certificate]")) recheck();
});
document.addEventListener("click", (event) => {
  const md = event.target.closest("[data-md]");
  if (md && box.surface) box.surface.run(md.dataset.md);
  else if (md) commands[md.dataset.md]();
  const shown = event.target.closest("[data-preview]");
  if (shown) ask(urls.previewUrl, "#channel-preview", { channel: shown.dataset.preview });
  if (event.target.closest("[data-science]")) {
    $("#science").showModal();
    ask(urls.scienceUrl, "#science-text", {});
  }
  if (event.target.closest("[data-science-take]")) {
    const text = $("[data-science-text]");
    if (text) {
      $("[name=page_class][value=science]").checked = true;
      classSays();
      if (box.surface) box.surface.replaceAll(text.value); else put(text.value, 0, area.value.length);
      recheck();
    }
  }
  const focus = event.target.closest("[data-focus]");
  if (focus) $(focus.dataset.focus)?.focus();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id === "findings") $("[data-why]").textContent = $("[data-class-reason]")?.textContent ?? "";
});
grow();
classSays();
window.addEventListener("resize", grow);
