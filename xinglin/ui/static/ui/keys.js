// Keyboard: Ctrl-K, / , j k x Enter, g + letter, ? ; silent while somebody types.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const palette = $("#palette");
let going = 0;

function openPalette() {
  if (!palette || palette.open) return;
  palette.showModal();
  const input = $("input", palette);
  input.select();
  window.htmx?.trigger(input, "palette-open");
}
function typing(target) {
  return target.closest("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable=true]");
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]") && palette) { event.preventDefault(); openPalette(); }
  if (event.target.closest("[data-keys]")) $("#keys")?.showModal();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (palette?.open) { inPalette(event); return; }
  if (event.key === "Escape" && !$("dialog[open]") && window.xinglinList?.closeSide()) { event.preventDefault(); return; }
  if (typing(event.target) || $("dialog[open]")) return;
  if (going && Date.now() - going < 1200) {
    going = 0;
    const link = $(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); location.href = link.href; }
    return;
  }
  const act = {
    "/": () => ($("[data-find]") ? $("[data-find]").focus() : openPalette()),
    "?": () => $("#keys")?.showModal(),
    j: () => window.xinglinList?.move(1),
    k: () => window.xinglinList?.move(-1),
    x: () => window.xinglinList?.toggle(),
    g: () => { going = Date.now(); },
  }[event.key];
  if (act) { event.preventDefault(); act(); }
});

// In the palette the arrows walk, Enter opens ------------------------------------------------------------------------
function hits() { return $$("#palette-hits a[role=option]"); }
function choose(index) {
  const all = hits();
  all.forEach((hit, i) => hit.setAttribute("aria-selected", String(i === index)));
  all[index]?.scrollIntoView({ block: "nearest" });
  const input = $("input", palette);
  if (all[index]) input.setAttribute("aria-activedescendant", all[index].id); else input.removeAttribute("aria-activedescendant");
}
function inPalette(event) {
  const all = hits();
  const now = all.findIndex((hit) => hit.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose((now + (event.key === "ArrowDown" ? 1 : -1) + all.length) % (all.length || 1));
  }
  if (event.key === "Enter" && all.length) { event.preventDefault(); location.href = (all[now] ?? all[0]).href; }
}
document.body.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "palette-hits") choose(0); });
