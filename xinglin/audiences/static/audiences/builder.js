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
