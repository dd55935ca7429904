// The builder: Enter changes a condition instead of saving, undo goes one step back.
const form = document.getElementById("builder");
const undo = document.getElementById("undo");
const past = [];

form.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || field.tagName !== "INPUT" || field.name === "name") return;
  event.preventDefault();
  if (field.closest("#conditions")) field.dispatchEvent(new Event("change", { bubbles: true }));
});

// What the tree was before a change that is about to be sent.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "conditions" || event.detail.xhr.status >= 400) return;
  const tree = document.getElementById("tree")?.value;
  if (undo.dataset.going) delete undo.dataset.going;
  else if (tree && past.at(-1) !== tree) past.push(tree);
  undo.hidden = past.length === 0;
});

undo.addEventListener("click", () => {
  const tree = past.pop();
  if (!tree) return;
  undo.dataset.going = "1";
  const own = form.querySelector("[name=own]")?.value ?? "";
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  window.htmx.ajax("POST", document.getElementById("conditions").dataset.builder, {
    target: "#conditions", swap: "outerHTML", source: undo, values: { tree, own, csrfmiddlewaretoken: token },
  });
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]),textarea");
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && !typing && !undo.hidden) {
    event.preventDefault();
    undo.click();
  }
});

// A count carries an id of its own: a newer one, typing on, leaving or the button stops it in the database.
const counting = document.getElementById("counting");
const isCount = (event) => event.detail.requestConfig.path.endsWith("/numbers/");
let run = null;
let timer = 0;

function stop() {
  if (!run) return;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  navigator.sendBeacon(counting.dataset.stop.replace(/0{8}(-0{4}){3}-0{12}/, run), body);
  run = null;
  settle();
}

function settle() {
  clearTimeout(timer);
  counting.hidden = true;
}

document.body.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.path.endsWith("/numbers/")) return;
  stop();
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
  run = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  event.detail.parameters.run = run;
  timer = setTimeout(() => { counting.hidden = false; }, 400);
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (!isCount(event) || event.detail.requestConfig.parameters.run !== run) return;
  run = null;
  settle();
});
counting.querySelector("button").addEventListener("click", stop);
document.getElementById("builder").addEventListener("input", (event) => {
  if (event.target.closest("#conditions")) stop();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-recount]")) document.body.dispatchEvent(new Event("conditions-changed"));
});
window.addEventListener("pagehide", stop);
