// Canvases: pan by dragging or arrow keys, zoom by wheel, two fingers or + and -, 0 shows all; a small map says
// where one is and leads to where it is clicked. Where nodes are moved (data-edited) a drag on one is not a pan.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const MAP = { w: 132, h: 84 };

function mount(canvas) {
  const world = $(".world", canvas);
  const size = { get w() { return Number(canvas.dataset.width); }, get h() { return Number(canvas.dataset.height); } };
  const at = { x: 0, y: 0, zoom: 1 };
  const show = () => { world.style.transform = `translate(${at.x}px,${at.y}px) scale(${at.zoom})`; drawMap(canvas, size, at); };
  const zoom = (factor, cx = canvas.clientWidth / 2, cy = canvas.clientHeight / 2) => {
    const next = Math.min(2, Math.max(0.1, at.zoom * factor));
    at.x = cx - ((cx - at.x) * next) / at.zoom;
    at.y = cy - ((cy - at.y) * next) / at.zoom;
    at.zoom = next;
    show();
  };
  const fit = (least) => {
    const whole = Math.min(1, (canvas.clientWidth - 32) / size.w, (canvas.clientHeight - 32) / size.h);
    at.zoom = Math.max(least, whole);
    at.x = Math.max(8, (canvas.clientWidth - size.w * at.zoom) / 2);
    at.y = Math.max(8, (canvas.clientHeight - size.h * at.zoom) / 2);
    show();
  };
  const all = () => fit(0.1);
  const begin = () => fit(Number(canvas.dataset.least ?? 0.6)); // smaller than this nobody can read
  const reveal = (node) => {
    const x = node.offsetLeft * at.zoom + at.x, y = node.offsetTop * at.zoom + at.y;
    if (x < 0 || x > canvas.clientWidth - 180) at.x += canvas.clientWidth / 2 - x;
    if (y < 0 || y > canvas.clientHeight - 60) at.y += canvas.clientHeight / 2 - y;
    show();
  };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    const aside = event.shiftKey ? event.deltaY || event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
    if (aside && !event.ctrlKey) { at.x -= aside; show(); }
    else zoom(event.deltaY < 0 ? 1.1 : 0.9, event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  const hands = new Map(), apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
  const lead = (event) => { // the middle of the view to where the map is pointed at
    const box = $("[data-map]", canvas).getBoundingClientRect(), { scale, left } = mapped(size);
    at.x = canvas.clientWidth / 2 - ((event.clientX - box.left - left) / scale) * at.zoom;
    at.y = canvas.clientHeight / 2 - ((event.clientY - box.top) / scale) * at.zoom;
    show();
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest(canvas.dataset.edited === undefined ? ".tools,[data-own]" : ".node,.tools,[data-own]")) return;
    const map = Boolean(event.target.closest("[data-map]"));
    hands.set(event.pointerId, { x: event.clientX, y: event.clientY, map, still: !map });
    if (map) { canvas.setPointerCapture(event.pointerId); lead(event); }
  });
  canvas.addEventListener("pointermove", (event) => {
    const hand = hands.get(event.pointerId), now = { x: event.clientX, y: event.clientY };
    if (!hand || (hand.still && apart(hand, now) < 4)) return; // a click on a node's link is no drag
    if (hand.map) { lead(event); return; }
    if (hand.still) { hand.still = false; canvas.setPointerCapture(event.pointerId); }
    const other = [...hands.values()].find((each) => each !== hand), part = other ? 2 : 1;
    at.x += (now.x - hand.x) / part;
    at.y += (now.y - hand.y) / part;
    const box = canvas.getBoundingClientRect();
    if (other) zoom(apart(now, other) / Math.max(1, apart(hand, other)), (now.x + other.x) / 2 - box.left, (now.y + other.y) / 2 - box.top);
    Object.assign(hand, now);
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => hands.delete(event.pointerId));
  canvas.addEventListener("dragstart", (event) => event.preventDefault()); // links and marked text would be carried off
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (steps) { at.x += steps[0]; at.y += steps[1]; show(); }
    else if (event.key === "+" || event.key === "=") zoom(1.2);
    else if (event.key === "-") zoom(1 / 1.2);
    else if (event.key === "0") all();
    else return;
    event.preventDefault();
  });
  canvas.addEventListener("focusin", (event) => {
    const node = event.target.closest(".node");
    if (node) reveal(node);
  });
  canvas.addEventListener("click", (event) => {
    const way = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (way === "in") zoom(1.2);
    if (way === "out") zoom(1 / 1.2);
    if (way === "fit") all();
  });
  canvas.addEventListener("canvas-changed", show); // whoever moves nodes says so
  canvas.addEventListener("canvas-fit", begin);
  canvas.addEventListener("canvas-reveal", (event) => reveal(event.target));
  canvas.addEventListener("canvas-pan", (event) => { at.x += event.detail.x; at.y += event.detail.y; show(); });
  let shown = false;
  new ResizeObserver(() => {
    if (shown) show();
    else if (canvas.clientWidth) { shown = true; begin(); }
  }).observe(canvas);
}
function mapped(size) {
  const scale = Math.min(MAP.w / size.w, MAP.h / size.h);
  return { scale, left: (MAP.w - size.w * scale) / 2 };
}
function drawMap(canvas, size, at) {
  const map = $("[data-map]", canvas);
  const { scale, left: start } = mapped(size);
  const nodes = $$(".node", canvas).map((node) => `<rect x="${start + node.offsetLeft * scale}" y="${node.offsetTop * scale}" width="${node.offsetWidth * scale}" height="${node.offsetHeight * scale}" rx="1" fill="var(--c6)"/>`);
  const held = (n, most) => Math.min(most, Math.max(0, n)), [left, top] = [held(start - (at.x / at.zoom) * scale, MAP.w - 1), held((-at.y / at.zoom) * scale, MAP.h - 1)];
  const right = held(start + ((canvas.clientWidth - at.x) / at.zoom) * scale, MAP.w - 0.5), low = held(((canvas.clientHeight - at.y) / at.zoom) * scale, MAP.h - 0.5);
  const view = `<rect x="${left + 0.5}" y="${top + 0.5}" width="${Math.max(0, right - left - 0.5)}" height="${Math.max(0, low - top - 0.5)}" fill="none" stroke="var(--primary)"/>`;
  map.innerHTML = `<svg width="${MAP.w}" height="${MAP.h}" style="overflow:hidden">${nodes.join("")}${view}</svg>`;
}
$$("[data-canvas]").forEach(mount);
