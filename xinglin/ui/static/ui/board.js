// Boards: drag a card to another column, or Alt + left/right (up/down inside one). The move shows at once; the server
// gets card, to and before at the column's data-url and may answer with a toast that undoes; a failure moves it back.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
let dragged = null;

function tell(card, column, back) {
  count();
  if (!column.dataset.url || !window.htmx) return;
  const values = { card: card.dataset.card, to: column.dataset.column, before: card.nextElementSibling?.dataset.card ?? "" };
  const undo = (event) => { if (event.detail.elt === card) back(); };
  card.addEventListener("htmx:responseError", undo, { once: true });
  card.addEventListener("htmx:sendError", undo, { once: true });
  window.htmx.ajax("POST", column.dataset.url, { source: card, values, swap: "none" });
}
function place(card, column, before) {
  const home = card.parentElement, next = card.nextElementSibling;
  if (home === column && (before === card || before === next)) return;
  column.insertBefore(card, before);
  tell(card, column, () => { home.insertBefore(card, next); count(); });
}
function count() {
  for (const column of $$("[data-board] .bcol")) {
    const shown = column.querySelector("header .t3");
    if (shown) shown.textContent = $$("[data-card]", column).length;
  }
}
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-card]");
  dragged?.classList.add("drag");
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("drag");
  dragged = null;
  $$(".bcol.over").forEach((column) => column.classList.remove("over"));
});
document.addEventListener("dragover", (event) => {
  const column = event.target.closest?.("[data-board] .bcol");
  if (!dragged || !column) return;
  event.preventDefault();
  $$(".bcol.over").forEach((one) => one !== column && one.classList.remove("over"));
  column.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const column = event.target.closest?.("[data-board] .bcol");
  if (!dragged || !column) return;
  event.preventDefault();
  const before = $$("[data-card]", column).find((card) => card !== dragged && event.clientY < card.getBoundingClientRect().top + card.offsetHeight / 2);
  place(dragged, column, before ?? null);
});
document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-board] [data-card]");
  if (!card || !event.altKey) return;
  const column = card.closest(".bcol");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) {
    const columns = $$(".bcol", column.closest("[data-board]"));
    const target = columns[columns.indexOf(column) + step];
    if (target) place(card, target, null);
  } else if (event.key === "ArrowUp" && card.previousElementSibling?.dataset.card) place(card, column, card.previousElementSibling);
  else if (event.key === "ArrowDown" && card.nextElementSibling) place(card, column, card.nextElementSibling.nextElementSibling);
  else return;
  event.preventDefault();
  card.focus();
});
