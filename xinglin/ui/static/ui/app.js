// Every back-office page: toasts, menus, dialogs, forms that must not lose what was typed.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// Toasts -------------------------------------------------------------------------------------------------------
const ICONS = { ok: "check", bad: "alert-triangle", warn: "alert-triangle", pri: "info-circle" };

export function toast({ text, tone = "ok", action, url, method = "post" }) {
  const region = $("#toasts");
  const box = document.createElement("div");
  box.className = `toast b-${tone}`;
  box.dataset.toast = "";
  box.setAttribute("role", tone === "bad" ? "alert" : "status");
  box.innerHTML = `<svg class="i i-lg" aria-hidden="true"><use href="${region.dataset.sprite}#${ICONS[tone] ?? ICONS.pri}"/></svg><span class="grow"></span>`;
  $(".grow", box).textContent = text;
  if (action && url) {
    const link = document.createElement(method === "get" ? "a" : "button");
    link.className = "link nowrap";
    link.textContent = action;
    if (method === "get") link.href = url;
    else link.addEventListener("click", () => { window.htmx?.ajax("POST", url, { swap: "none" }); box.remove(); });
    box.append(link);
  }
  region.append(box);
  settle(box);
}

function settle(box) {
  const keep = box.classList.contains("b-bad") ? 15000 : 7000;
  let timer = setTimeout(() => box.remove(), keep);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("focusin", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => { timer = setTimeout(() => box.remove(), keep); });
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") box.remove(); });
  box.addEventListener("click", (event) => { if (!event.target.closest("a,button")) box.remove(); });
}

$$("[data-toast]").forEach(settle);
document.body.addEventListener("toast", (event) => {
  const detail = event.detail?.value ?? event.detail ?? {};
  toast(typeof detail === "string" ? { text: detail } : detail);
});
document.body.addEventListener("htmx:sendError", () => toast({ text: $("#toasts").dataset.offline, tone: "bad" }));
document.body.addEventListener("htmx:responseError", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Trigger")) toast({ text: $("#toasts").dataset.failed, tone: "bad" });
});

// Progress of what takes longer than a blink; polling does not count ---------------------------------------------
let waiting = 0;
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if ((event.detail.elt.getAttribute("hx-trigger") || "").startsWith("every")) return;
  waiting += 1;
  setTimeout(() => document.body.classList.toggle("busy", waiting > 0), 120);
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  if ((event.detail.elt.getAttribute("hx-trigger") || "").startsWith("every")) return;
  waiting = Math.max(0, waiting - 1);
  if (!waiting) document.body.classList.remove("busy");
});

// Menus close outside and on Escape ------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  for (const menu of $$("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]") ?? $("details[data-menu][open]");
  if (menu) { menu.open = false; $("summary", menu).focus(); event.stopPropagation(); }
});

// Dialogs: data-dialog="id" opens, data-close closes; a typed word unlocks what cannot be undone -------------------
document.querySelector("dialog.dialog:has([aria-invalid=true])")?.showModal(); // what was typed, with what is wrong
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) { event.preventDefault(); document.getElementById(opener.dataset.dialog)?.showModal(); }
  event.target.closest("[data-close]")?.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
  const printer = event.target.closest("[data-print]");
  if (printer) window.print();
  const copier = event.target.closest("[data-copy]");
  if (copier) navigator.clipboard?.writeText(copier.dataset.copy).then(() => toast({ text: copier.dataset.copied || "✓" }));
});

// Forms: the error summary takes the focus; typed text survives; leaving asks ---------------------------------------
const dirty = new Set();

function key(form) { return `draft:${form.dataset.draft}:${location.pathname}`; }
function values(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !/csrf|password|code|token/i.test(name));
}
function bind(root) {
  $("[data-focus]", root)?.focus();
  for (const form of $$("form[data-guard]", root)) {
    if (form.dataset.bound) continue;
    form.dataset.bound = "1";
    const fresh = JSON.stringify(values(form));
    if (form.dataset.draft) offerDraft(form, fresh);
    form.addEventListener("input", () => {
      const now = JSON.stringify(values(form));
      if (now === fresh) dirty.delete(form); else dirty.add(form);
      if (form.dataset.draft) sessionStorage.setItem(key(form), now);
    });
    form.addEventListener("submit", () => { dirty.delete(form); if (form.dataset.draft) sessionStorage.setItem(`${key(form)}:sent`, "1"); });
  }
}
function offerDraft(form, fresh) {
  const kept = sessionStorage.getItem(key(form));
  const sent = sessionStorage.getItem(`${key(form)}:sent`);
  sessionStorage.removeItem(`${key(form)}:sent`);
  if (!kept || kept === fresh) return;
  if (sent && !$("[data-focus]", form)) { sessionStorage.removeItem(key(form)); return; }
  const template = $("#draft-offer");
  if (!template || sent) return;
  const offer = template.content.firstElementChild.cloneNode(true);
  form.prepend(offer);
  offer.addEventListener("click", (event) => {
    const choice = event.target.closest("button")?.value;
    if (!choice) return;
    if (choice === "restore") restore(form, JSON.parse(kept)); else sessionStorage.removeItem(key(form));
    offer.remove();
  });
}
function restore(form, pairs) {
  for (const box of $$("input[type=checkbox],input[type=radio]", form)) box.checked = false;
  for (const [name, value] of pairs) {
    for (const field of $$(`[name="${CSS.escape(name)}"]`, form)) {
      if (field.type === "checkbox" || field.type === "radio") { if (field.value === value) field.checked = true; }
      else if (field.type !== "file") field.value = value;
    }
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}
window.addEventListener("beforeunload", (event) => { if ([...dirty].some((form) => form.isConnected)) event.preventDefault(); });
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const held = [...dirty].filter((form) => form.isConnected);
  if (!link || !held.length || link.target || link.hasAttribute("download") || event.ctrlKey || event.metaKey) return;
  if (link.getAttribute("href").startsWith("#") || link.hasAttribute("hx-get")) return;
  event.preventDefault();
  const dialog = $("#unsaved");
  dialog.returnValue = "stay";
  dialog.showModal();
  dialog.addEventListener("close", () => { if (dialog.returnValue === "leave") { dirty.clear(); location.href = link.href; } }, { once: true });
});

// What can only be scrolled must be reachable by keyboard
function reach(root) {
  for (const box of $$(".table-wrap,.board", root)) if (box.scrollWidth > box.clientWidth && !$("a,button,input", box)) box.tabIndex = 0;
}
bind(document);
reach(document);
document.body.addEventListener("htmx:afterSwap", (event) => bind(event.detail.target.isConnected ? event.detail.target : document));
