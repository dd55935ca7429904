// The journey editor: one graph, drawn on a canvas and told as a list. The server words every step and keeps
// the draft; a step's settings come from there as a form whose answer carries the settings as JSON.
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const root = $("#journey"), canvas = $("[data-canvas]", root), world = $(".world", canvas), wires = $(".wire", canvas);
const data = JSON.parse($("#journey-data").textContent), words = data.words;
const W = 208, H = 66, GRID = 8, KEPT = `journey:${root.dataset.id}`;
let graph = data.graph, told = data.told, seen = data.seen, chosen = "", past = [], future = [], lately = "", timer = 0, busy = false, dirty = false;

/* the graph */
const step = (id) => graph.nodes.find((one) => one.id === id);
const ports = (one) => told[one.id]?.ports ?? data.kinds[one.kind].ports;
const edge = (from, port) => graph.edges.find((one) => one.from === from && one.port === port);
const follower = (from, port) => edge(from, port)?.to ?? "";
const title = (one) => told[one.id]?.title ?? data.kinds[one.kind].label;
const freshId = () => { let n = graph.nodes.length + 1; while (step(`n${n}`)) n += 1; return `n${n}`; };
const copy = (value) => JSON.parse(JSON.stringify(value));

// Changes of one ``kind`` in a row, as a step pushed by arrow keys, are undone together.
function change(edit, kind = "") {
  if (!kind || kind !== lately) past.push(JSON.stringify(graph));
  lately = kind;
  if (past.length > 200) past.shift();
  future = [];
  edit();
  changed();
}
function changed() { draw(); save(); }
function link(from, port, to) {
  graph.edges = graph.edges.filter((one) => !(one.from === from && one.port === port));
  if (to && to !== from && step(to)?.kind !== "trigger") graph.edges.push({ from, to, port });
}
function place(kind, x, y) {
  const one = { id: freshId(), kind, props: copy(data.kinds[kind].props), x: snap(x), y: snap(y) };
  graph.nodes.push(one);
  return one;
}
// A new step behind another: between it and what followed.
function insert(kind, from, port) {
  const before = step(from), next = follower(from, port);
  const spread = (ports(before).findIndex(([code]) => code === port) - (ports(before).length - 1) / 2) * (W + 24);
  let x = before.x + spread;
  const y = before.y + H + 40;
  if (next) for (const one of graph.nodes) if (one.y >= y && reaches(next, one.id)) one.y += H + 40;
  while (graph.nodes.some((one) => Math.abs(one.x - x) < W && Math.abs(one.y - y) < H)) x += W + 24;
  const made = place(kind, x, y);
  link(from, port, made.id);
  if (next && ports(made).length) link(made.id, ports(made)[0][0], next);
  return made;
}
function reaches(from, to, been = new Set()) {
  if (from === to) return true;
  if (been.has(from)) return false;
  been.add(from);
  return graph.edges.some((one) => one.from === from && reaches(one.to, to, been));
}
// Without a step: who led to it leads to what followed it.
function remove(id) {
  const next = ports(step(id)).map(([code]) => follower(id, code)).find(Boolean) ?? "";
  const before = graph.edges.filter((one) => one.to === id);
  graph.nodes = graph.nodes.filter((one) => one.id !== id);
  graph.edges = graph.edges.filter((one) => one.from !== id && one.to !== id);
  for (const one of before) if (next && next !== one.from) link(one.from, one.port, next);
}
function order() {
  const found = [];
  const visit = (id) => {
    if (!id || found.includes(id)) return;
    found.push(id);
    ports(step(id)).forEach(([code]) => visit(follower(id, code)));
  };
  graph.nodes.filter((one) => one.kind === "trigger").forEach((one) => visit(one.id));
  return found;
}
// Rows by the longest way from the start, within a row in the order of the ports.
function tidy() {
  const depth = {}, line = order();
  const sink = (id, n, way) => {
    if (way.includes(id) || depth[id] >= n) return;
    depth[id] = n;
    ports(step(id)).forEach(([code]) => { const to = follower(id, code); if (to) sink(to, n + 1, [...way, id]); });
  };
  line.slice(0, 1).forEach((id) => sink(id, 0, []));
  graph.nodes.filter((one) => !(one.id in depth)).forEach((one) => { depth[one.id] = Math.max(0, ...Object.values(depth)) + 1; });
  const rows = [];
  [...line, ...graph.nodes.map((one) => one.id).filter((id) => !line.includes(id))].forEach((id) => (rows[depth[id]] ??= []).push(id));
  const widest = Math.max(...rows.map((row) => row?.length ?? 0));
  rows.forEach((row, y) => row.forEach((id, x) => {
    Object.assign(step(id), { x: snap(24 + ((widest - row.length) / 2 + x) * (W + 32)), y: snap(24 + y * (H + 40)) });
  }));
}
const snap = (n) => Math.round(n / GRID) * GRID;

/* drawing */
function draw() {
  const there = new Map($$(".jn", world).map((el) => [el.dataset.node, el]));
  for (const one of graph.nodes) {
    drawStep(there.get(one.id) ?? newStep(one.id), one);
    there.delete(one.id);
  }
  there.forEach((el) => el.remove());
  inOrder();
  canvas.dataset.width = Math.max(480, ...graph.nodes.map((one) => one.x + W + 32));
  canvas.dataset.height = Math.max(320, ...graph.nodes.map((one) => one.y + H + 56));
  drawWires();
  list();
  $("[data-act=undo]").disabled = past.length === 0;
  $("[data-act=redo]").disabled = future.length === 0;
  canvas.dispatchEvent(new Event("canvas-changed"));
}
// Tab goes the way that people go.
function inOrder() {
  const line = order(), all = [...line, ...graph.nodes.map((one) => one.id).filter((id) => !line.includes(id))];
  const els = $$(".jn", world);
  if (all.every((id, n) => els[n].dataset.node === id)) return;
  const focus = document.activeElement;
  const known = new Map(els.map((el) => [el.dataset.node, el]));
  world.append(...all.map((id) => known.get(id)));
  if (world.contains(focus)) focus.focus({ preventScroll: true });
}
function newStep(id) {
  const el = $("#step-shape").content.firstElementChild.cloneNode(true);
  el.dataset.node = id;
  world.append(el);
  return el;
}
function drawStep(el, one) {
  el.style.left = `${one.x}px`;
  el.style.top = `${one.y}px`;
  el.dataset.kind = one.kind;
  el.setAttribute("aria-current", one.id === chosen);
  const problems = told[one.id]?.problems ?? [];
  el.classList.toggle("wrong", problems.length > 0);
  $("use", el).setAttribute("href", `${root.dataset.sprite}#${data.kinds[one.kind].icon}`);
  $("b", el).textContent = title(one);
  $("[data-note]", el).textContent = problems[0] ?? told[one.id]?.note ?? "";
  const out = ports(one);
  const key = out.map(([code]) => code).join();
  if (el.dataset.ports !== key) {
    el.dataset.ports = key;
    $$(".port", el).forEach((old) => old.remove());
    out.forEach(([code, label], n) => {
      const dot = document.createElement("span");
      Object.assign(dot, { className: "port", title: label });
      dot.dataset.port = code;
      dot.style.left = `${((n + 1) * 100) / (out.length + 1)}%`;
      el.append(dot);
    });
  }
  $$(".port", el).forEach((dot) => dot.classList.toggle("free", !edge(one.id, dot.dataset.port)));
}
function curve(ax, ay, bx, by) {
  const bend = by > ay ? Math.max(20, (by - ay) / 2) : 70;
  return `M${ax} ${ay}C${ax} ${ay + bend} ${bx} ${by - bend} ${bx} ${by}`;
}
function drawWires(loose = null) {
  const parts = [];
  for (const one of graph.edges) {
    const a = step(one.from), b = step(one.to);
    if (!a || !b) continue;
    const out = ports(a), n = out.findIndex(([code]) => code === one.port);
    if (n < 0) continue;
    const ax = a.x + ((n + 1) * W) / (out.length + 1), ay = a.y + H, path = curve(ax, ay, b.x + W / 2, b.y);
    const key = `${one.from}|${one.port}`;
    parts.push(`<path d="${path}"${root.dataset.wire === key ? ' class="on"' : ""}/><path class="hit" data-own data-wire="${key}" d="${path}"/>`);
    if (out.length > 1) parts.push(`<text x="${ax}" y="${ay + 18}" text-anchor="middle"></text>`);
  }
  if (loose) parts.push(`<path class="on" d="${curve(...loose)}"/>`);
  wires.innerHTML = parts.join("");
  const labels = graph.edges.filter((one) => step(one.from) && step(one.to) && ports(step(one.from)).length > 1)
    .map((one) => ports(step(one.from)).find(([code]) => code === one.port)?.[1]).filter((label) => label !== undefined);
  $$("text", wires).forEach((el, n) => { el.textContent = labels[n]; });
}

/* the same as a list */
let told_of = "";
function list() {
  if (!$("#steps").offsetParent) { told_of = ""; return; } // nobody sees it: told when it is opened
  const line = order(), state = JSON.stringify([line, told, graph.edges, graph.nodes.map((one) => one.id)]);
  if (state === told_of) return;
  told_of = state;
  const focus = document.activeElement?.id;
  const rest = graph.nodes.map((one) => one.id).filter((id) => !line.includes(id));
  const row = (id, n) => {
    const one = step(id), el = $("#row-shape").content.firstElementChild.cloneNode(true), problems = told[id]?.problems ?? [];
    el.dataset.node = id;
    el.setAttribute("aria-current", id === chosen);
    $("use", el).setAttribute("href", `${root.dataset.sprite}#${data.kinds[one.kind].icon}`);
    $("[data-number]", el).textContent = n;
    const open = $("[data-open]", el);
    open.id = `open-${id}`;
    open.textContent = title(one);
    $("[data-note]", el).textContent = told[id]?.note ?? "";
    const trouble = $("[data-problems]", el);
    trouble.hidden = !problems.length;
    $("span", trouble).textContent = problems.join("；");
    const bin = $("[data-act=remove]", el);
    bin.id = `bin-${id}`;
    bin.hidden = one.kind === "trigger";
    bin.setAttribute("aria-label", words.remove.replace("%s", title(one)));
    ports(one).forEach(([code, label]) => $("[data-ways]", el).append(way(one, code, label, line)));
    return el;
  };
  const all = [...line, ...rest];
  $("#steps").replaceChildren(...all.map((id, n) => row(id, n + 1)));
  if (focus && document.activeElement?.id !== focus && /^(open|way|bin)-/.test(focus)) document.getElementById(focus)?.focus();
}
function way(one, code, label, line) {
  const el = $("#way-shape").content.firstElementChild.cloneNode(true), select = $("select", el);
  $("span", el).textContent = label;
  select.id = `way-${one.id}-${code}`;
  select.dataset.port = code;
  const [nowhere, known, made] = [new Option(words.nowhere, ""), document.createElement("optgroup"), document.createElement("optgroup")];
  known.label = words.existing;
  made.label = words.create;
  line.concat(graph.nodes.map((each) => each.id).filter((id) => !line.includes(id))).forEach((id, n) => {
    if (id !== one.id && step(id).kind !== "trigger") known.append(new Option(`${n + 1} ${title(step(id))}`, id));
  });
  Object.entries(data.kinds).forEach(([kind, each]) => { if (kind !== "trigger") made.append(new Option(`+ ${each.label}`, `+${kind}`)); });
  select.append(nowhere, known, made);
  select.value = follower(one.id, code);
  return el;
}

/* a step's settings */
function open(id, focus = true) {
  chosen = step(id) ? id : "";
  root.dataset.wire = "";
  root.classList.toggle("open", Boolean(chosen));
  $$(".jn,#steps>li", root).forEach((el) => el.setAttribute("aria-current", el.dataset.node === chosen));
  const address = new URL(location);
  if (chosen) address.searchParams.set("step", chosen); else address.searchParams.delete("step");
  history.replaceState(history.state, "", address);
  const one = step(id);
  if (!one) { $("#step").replaceChildren($("#step-none").content.cloneNode(true)); return; }
  root.dataset.focus = focus ? focused() : "";
  window.htmx.ajax("POST", root.dataset.step, {
    target: "#step", swap: "innerHTML", source: "#step", values: { step_id: id, step_kind: one.kind, props: JSON.stringify(one.props) },
  });
}
const focused = () => document.activeElement?.id || "anywhere";
function take(form) {
  const one = step(form.dataset.node);
  if (!one) return;
  const props = JSON.parse(form.dataset.props), same = JSON.stringify(props) === JSON.stringify(one.props), before = told[one.id];
  told[one.id] = JSON.parse(form.dataset.told);
  if (same && before) told[one.id].problems = before.problems; // the server has looked further than at this step alone
  if (same) return draw();
  change(() => {
    one.props = props;
    const codes = ports(one).map(([code]) => code);
    graph.edges = graph.edges.filter((each) => each.from !== one.id || codes.includes(each.port));
  });
}
document.body.addEventListener("htmx:afterSettle", (event) => {
  const target = event.detail.target ?? event.target;
  if (target.id === "conditions" || target.closest?.("#conditions")) return condition();
  const form = $("#step-form");
  if (!form || form.dataset.taken) return;
  form.dataset.taken = "1";
  take(form);
  const asked = root.dataset.focus;
  root.dataset.focus = "";
  if (asked && asked === focused()) $("#step").focus({ preventScroll: true }); // unless one has gone on meanwhile
});
document.body.addEventListener("conditions-changed", () => condition());
function condition() {
  const form = $("#step-form"), tree = $("#tree")?.value, one = form && step(form.dataset.node);
  if (!one || one.kind !== "condition" || !tree || !form.dataset.taken) return;
  const question = JSON.parse(tree);
  if (!form.dataset.base) { form.dataset.base = tree; return; } // as it was when the panel opened
  if (form.dataset.base === tree) return;
  form.dataset.base = tree;
  if (JSON.stringify(question) !== JSON.stringify(one.props.question)) change(() => { one.props.question = question; });
}

/* keeping the draft */
function save() {
  dirty = true;
  try { localStorage.setItem(KEPT, JSON.stringify({ graph, seen })); } catch { /* full or forbidden: the server has the draft */ }
  state("saving");
  clearTimeout(timer);
  timer = setTimeout(send, 700);
}
async function send(anyway = false) {
  if (busy) { timer = setTimeout(send, 300); return; }
  busy = true;
  const sent = JSON.stringify(graph);
  try {
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    const answer = await fetch(root.dataset.save, {
      method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify({ graph, seen, anyway }),
    });
    if (answer.status === 409) { conflict(await answer.json()); return; }
    if (answer.status === 422) { state("failed", (await answer.json()).message); return; } // no use in trying again
    if (!answer.ok) throw new Error(String(answer.status));
    const kept = await answer.json();
    ({ seen, told } = kept);
    if (JSON.stringify(graph) === sent) {
      dirty = false;
      localStorage.removeItem(KEPT);
      state("saved", new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
    } else timer = setTimeout(send, 300);
    $("[data-problem-count]").textContent = kept.problems || "";
    draw();
  } catch {
    state("failed");
    timer = setTimeout(send, 5000);
  } finally { busy = false; }
}
function state(which, more = "") {
  const el = $("#save-state");
  el.dataset.state = which;
  el.textContent = `${words[which]} ${more}`.trim();
}
function conflict(answer) {
  state("conflict");
  const box = $("#conflict");
  $("[data-who]", box).textContent = answer.message;
  box.dataset.seen = answer.seen;
  if (!box.open) box.showModal();
}
function back(from, to) {
  lately = "";
  const one = from.pop();
  if (!one) return;
  to.push(JSON.stringify(graph));
  graph = JSON.parse(one);
  if (chosen) open(step(chosen) ? chosen : "", false);
  changed();
}

/* what people press */
const acts = {
  undo: () => back(past, future),
  redo: () => back(future, past),
  tidy: () => { change(tidy); canvas.dispatchEvent(new Event("canvas-fit")); },
  remove: (button) => { const id = button.closest("[data-node]").dataset.node; change(() => remove(id)); open(""); $("#steps [data-open]")?.focus(); },
  close: () => { const id = chosen; open(""); ($(`.jn[data-node="${id}"] button`, world) ?? document.getElementById(`open-${id}`))?.focus(); },
  view: (button) => { root.dataset.view = button.dataset.as; list(); $$("[data-act=view]").forEach((each) => each.setAttribute("aria-pressed", each === button)); canvas.dispatchEvent(new Event("canvas-fit")); },
  overwrite: () => { const box = $("#conflict"); seen = box.dataset.seen; box.close(); send(true); },
  reload: () => { localStorage.removeItem(KEPT); dirty = false; location.reload(); },
  keep: () => {
    const file = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([JSON.stringify(graph, null, 2)], { type: "application/json" })), download: "journey.json" });
    file.click();
  },
  restore: () => { const kept = JSON.parse(localStorage.getItem(KEPT)); $("#kept").hidden = true; change(() => { graph = kept.graph; }); },
  discard: () => { localStorage.removeItem(KEPT); $("#kept").hidden = true; },
  add: (button) => {
    const kind = button.dataset.kind, after = step(chosen), free = after && (ports(after).find(([code]) => !edge(chosen, code)) ?? ports(after)[0]);
    const lowest = Math.max(0, ...graph.nodes.map((one) => one.y));
    let made;
    change(() => { made = free ? insert(kind, chosen, free[0]) : place(kind, 24, lowest + H + 40); });
    open(made.id);
    $(`.jn[data-node="${made.id}"]`, world).dispatchEvent(new Event("canvas-reveal", { bubbles: true }));
  },
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button && (root.contains(button) || button.closest("dialog,.topbar"))) acts[button.dataset.act](button);
  else if (event.target.closest("[data-open]")) open(event.target.closest("[data-node]").dataset.node);
});
$("#steps").addEventListener("change", (event) => {
  const select = event.target, from = select.closest("[data-node]").dataset.node, port = select.dataset.port;
  if (!select.value.startsWith("+")) { change(() => link(from, port, select.value)); return; }
  let made;
  change(() => { made = insert(select.value.slice(1), from, port); });
  open(made.id);
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox],[type=radio]),textarea,[contenteditable]");
  if (typing || !(event.ctrlKey || event.metaKey)) return;
  if (event.key === "z" && !event.shiftKey) acts.undo();
  else if (event.key === "y" || (event.key.toLowerCase() === "z" && event.shiftKey)) acts.redo();
  else return;
  event.preventDefault();
});

/* on the canvas */
const at = (event) => {
  const box = canvas.getBoundingClientRect(), m = new DOMMatrix(getComputedStyle(world).transform);
  return { x: (event.clientX - box.left - m.e) / m.a, y: (event.clientY - box.top - m.f) / m.a };
};
let hand = null;
world.addEventListener("pointerdown", (event) => {
  const el = event.target.closest(".jn"), dot = event.target.closest(".port");
  if (!el || event.button) return;
  const one = step(el.dataset.node), p = at(event);
  hand = dot ? { port: dot, from: one.id, x: p.x, y: p.y } : { el, one, dx: p.x - one.x, dy: p.y - one.y, x: one.x, y: one.y, was: JSON.stringify(graph), moved: false };
  if (dot) event.preventDefault();
});
addEventListener("pointermove", (event) => {
  if (!hand) return;
  hand.last = event;
  move(event);
  along();
});
// Held at the rim, the drawing comes along.
let rim = 0;
function along() {
  if (rim) return;
  rim = setInterval(() => {
    const box = canvas.getBoundingClientRect(), last = hand?.last;
    const towards = (n, low, high) => (n < low + 28 ? 14 : n > high - 28 ? -14 : 0);
    const pan = last && { x: towards(last.clientX, box.left, box.right), y: towards(last.clientY, box.top, box.bottom) };
    if (!pan || (!pan.x && !pan.y)) { clearInterval(rim); rim = 0; return; }
    canvas.dispatchEvent(new CustomEvent("canvas-pan", { detail: pan }));
    move(last);
  }, 30);
}
function move(event) {
  const p = at(event);
  if (hand.port) { drawWires([hand.x, hand.y, p.x, p.y]); return; }
  const x = snap(Math.max(0, p.x - hand.dx)), y = snap(Math.max(0, p.y - hand.dy));
  if (!hand.moved && Math.abs(x - hand.x) + Math.abs(y - hand.y) < GRID) return;
  hand.moved = true;
  Object.assign(hand.one, { x, y });
  Object.assign(hand.el.style, { left: `${x}px`, top: `${y}px` });
  drawWires();
}
addEventListener("pointercancel", () => {
  if (hand?.moved) graph = JSON.parse(hand.was);
  hand = null;
  draw();
});
addEventListener("pointerup", (event) => {
  const held = hand;
  hand = null;
  if (!held) return;
  if (held.port) {
    const to = document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".jn")?.dataset.node;
    if (to && to !== held.from && step(to).kind !== "trigger") change(() => link(held.from, held.port.dataset.port, to));
    else drawWires();
  } else if (held.moved) {
    past.push(held.was);
    [future, lately] = [[], ""];
    changed();
    world.addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
    setTimeout(() => world.dispatchEvent(new MouseEvent("click")), 0); // where the browser sent no click, the catch above goes
  }
});
canvas.addEventListener("click", (event) => {
  const wire = event.target.closest("[data-wire]");
  if (wire) { root.dataset.wire = wire.dataset.wire; drawWires(); canvas.focus(); }
});
canvas.addEventListener("keydown", (event) => {
  const el = event.target.closest(".jn"), one = el && step(el.dataset.node);
  const way = { ArrowLeft: [-GRID, 0], ArrowRight: [GRID, 0], ArrowUp: [0, -GRID], ArrowDown: [0, GRID] }[event.key];
  if (event.key === "Delete" || event.key === "Backspace") {
    const [from, port] = (root.dataset.wire ?? "").split("|");
    if (one && one.kind !== "trigger") {
      const before = graph.edges.find((each) => each.to === one.id)?.from;
      change(() => remove(one.id));
      open("");
      ($(`.jn[data-node="${before}"] button`, world) ?? canvas).focus();
    }
    else if (!one && port && edge(from, port)) { root.dataset.wire = ""; change(() => link(from, port, "")); }
    else return;
  } else if (one && way) change(() => { one.x = Math.max(0, one.x + way[0]); one.y = Math.max(0, one.y + way[1]); }, `keys ${one.id}`);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });
$$("[data-act=add]", root).forEach((button) => {
  button.draggable = true;
  button.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/x-step", button.dataset.kind));
});
canvas.addEventListener("dragover", (event) => event.preventDefault());
canvas.addEventListener("drop", (event) => {
  const kind = event.dataTransfer.getData("text/x-step"), p = at(event);
  if (!data.kinds[kind]) return;
  event.preventDefault();
  let made;
  change(() => { made = place(kind, Math.max(0, p.x - W / 2), Math.max(0, p.y - H / 2)); });
  open(made.id);
});
addEventListener("resize", list);
addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

/* the start */
draw();
canvas.dispatchEvent(new Event("canvas-fit"));
const kept = localStorage.getItem(KEPT);
if (kept && JSON.stringify(JSON.parse(kept).graph) !== JSON.stringify(graph)) $("#kept").hidden = false;
const wanted = new URL(location).searchParams.get("step");
open("");
if (step(wanted)) addEventListener("load", () => open(wanted), { once: true });
