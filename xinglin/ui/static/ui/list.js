// Lists: rows by key and mouse, the side panel, bulk selection, the column chooser.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const rows = () => $$("tr[data-row]");
let current = -1;

export function move(step) {
  const all = rows();
  if (!all.length) return;
  if (current < 0) current = all.findIndex((row) => row.classList.contains("cur"));
  current = Math.min(Math.max(current + step, 0), all.length - 1);
  all.forEach((row, index) => row.classList.toggle("cur", index === current));
  all[current].scrollIntoView({ block: "nearest" });
  $(".row-link", all[current])?.focus({ preventScroll: true });
  if ($("[data-side]")) $(".row-link[hx-get]", all[current])?.click();
}
export function toggle() {
  const box = $("tr[data-row].cur input[name=ids]");
  if (box) { box.checked = !box.checked; box.dispatchEvent(new Event("change", { bubbles: true })); }
}
export function closeSide() {
  const close = $("[data-side-close]");
  if (!close) return false;
  close.click();
  return true;
}
Object.assign(window, { xinglinList: { move, toggle, closeSide } });

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-row]");
  if (row && !event.target.closest("a,button,input,label,select,summary") && !String(getSelection())) {
    current = rows().indexOf(row);
    $(".row-link", row)?.click();
  }
  const link = event.target.closest(".row-link");
  if (link) mark(link.closest("tr"));
  if (event.target.closest("[data-side-prev]")) move(-1);
  if (event.target.closest("[data-side-next]")) move(1);
  const close = event.target.closest("[data-side-close]");
  if (close) {
    event.preventDefault();
    const url = new URL(location.href);
    url.searchParams.delete("open");
    history.replaceState(history.state, "", url);
    const back = $("tr[data-row].cur .row-link");
    close.closest("[data-side]").remove();
    mark(null);
    back?.focus();
  }
});
function mark(row) {
  current = row ? rows().indexOf(row) : -1;
  for (const one of rows()) {
    one.classList.toggle("cur", one === row);
    if (one === row) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
  }
}
document.body.addEventListener("htmx:afterSwap", (event) => {
  const side = $("[data-side]", event.detail.target);
  if (side && event.detail.target.id === "panel") side.focus({ preventScroll: true });
  refreshAll();
});

// Bulk selection: the page's boxes, or everything that matches the filters -----------------------------------------
function boxes(bulk) { return $$(`input[name=ids][form="${bulk.dataset.bulk}"]`); }
function refresh(bulk) {
  const all = boxes(bulk);
  const chosen = all.filter((box) => box.checked);
  const every = $("[data-all]", bulk).value === "1" && chosen.length === all.length && all.length > 0;
  $("[data-all]", bulk).value = every ? "1" : "";
  $("[data-n]", bulk).textContent = chosen.length;
  $("[data-some]", bulk).hidden = every;
  $("[data-every]", bulk).hidden = !every;
  const more = $("[data-select-all]", bulk);
  if (more) { more.hidden = every || Number(bulk.dataset.total) <= all.length; $("[data-select-page]", bulk).hidden = !every; }
  const head = $("[data-pick-all]");
  if (head) { head.checked = chosen.length > 0 && chosen.length === all.length; head.indeterminate = chosen.length > 0 && chosen.length < all.length; }
}
function refreshAll() { $$("[data-bulk]").forEach(refresh); }
function tick(bulk, checked) { for (const box of boxes(bulk)) box.checked = checked; refresh(bulk); }
let last = null;
document.addEventListener("change", (event) => {
  const bulk = $("[data-bulk]");
  if (!bulk) return;
  if (event.target.matches("[data-pick-all]")) { $("[data-all]", bulk).value = ""; tick(bulk, event.target.checked); }
  if (event.target.matches("input[name=ids]")) { if (!event.target.checked) $("[data-all]", bulk).value = ""; refresh(bulk); }
});
document.addEventListener("click", (event) => {
  const bulk = event.target.closest("[data-bulk]");
  if (event.target.matches?.("input[name=ids]")) {
    const list = $$("input[name=ids]");
    const now = list.indexOf(event.target);
    if (event.shiftKey && last !== null) for (const box of list.slice(Math.min(last, now), Math.max(last, now) + 1)) box.checked = event.target.checked;
    last = now;
  }
  if (!bulk) return;
  if (event.target.closest("[data-select-all]")) { $("[data-all]", bulk).value = "1"; tick(bulk, true); }
  if (event.target.closest("[data-select-page]")) { $("[data-all]", bulk).value = ""; refresh(bulk); }
  if (event.target.closest("[data-clear]")) { $("[data-all]", bulk).value = ""; tick(bulk, false); }
});
refreshAll();

// Columns: heads with data-col may be hidden; the choice stays in this browser --------------------------------------
for (const chooser of $$("[data-columns]")) {
  const table = document.getElementById(chooser.dataset.columns);
  if (!table) continue;
  const heads = $$("thead th", table);
  const named = heads.map((head, index) => [head.dataset.col, index, head.textContent.trim()]).filter(([name]) => name);
  if (!named.length) continue;
  const store = `columns:${table.id}`;
  const hidden = new Set(JSON.parse(localStorage.getItem(store) || "[]"));
  const apply = () => {
    for (const [name, index] of named) for (const row of table.rows) if (row.cells[index] && row.cells.length === heads.length) row.cells[index].hidden = hidden.has(name);
  };
  const menu = $(".menu-list", chooser);
  for (const [name, , label] of named) {
    const line = document.createElement("label");
    line.className = "check";
    line.innerHTML = `<input type="checkbox"><span></span>`;
    line.lastChild.textContent = label;
    line.firstChild.checked = !hidden.has(name);
    line.firstChild.addEventListener("change", (event) => {
      if (event.target.checked) hidden.delete(name); else hidden.add(name);
      localStorage.setItem(store, JSON.stringify([...hidden]));
      apply();
    });
    menu.append(line);
  }
  chooser.hidden = false;
  apply();
  document.body.addEventListener("htmx:afterSettle", apply);
}
