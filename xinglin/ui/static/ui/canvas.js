// Canvases: pan by dragging or arrow keys, zoom by wheel or + and -, 0 shows all; a small map says where one is.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

function mount(canvas) {
  const world = $(".world", canvas);
  const size = { get w() { return Number(canvas.dataset.width); }, get h() { return Number(canvas.dataset.height); } };
  const at = { x: 0, y: 0, zoom: 1 };
  const show = () => { world.style.transform = `translate(${at.x}px,${at.y}px) scale(${at.zoom})`; drawMap(canvas, size, at); };
  const zoom = (factor, cx = canvas.clientWidth / 2, cy = canvas.clientHeight / 2) => {
    const next = Math.min(2, Math.max(0.25, at.zoom * factor));
    at.x = cx - ((cx - at.x) * next) / at.zoom;
    at.y = cy - ((cy - at.y) * next) / at.zoom;
    at.zoom = next;
    show();
  };
  const fit = () => {
    const whole = Math.min(1, (canvas.clientWidth - 32) / size.w, (canvas.clientHeight - 32) / size.h);
    at.zoom = Math.max(Number(canvas.dataset.least ?? 0.6), whole); // smaller than this nobody can read
    at.x = Math.max(8, (canvas.clientWidth - size.w * at.zoom) / 2);
    at.y = Math.max(8, (canvas.clientHeight - size.h * at.zoom) / 2);
    show();
  };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    if (event.ctrlKey || !event.shiftKey) zoom(event.deltaY < 0 ? 1.1 : 0.9, event.clientX - box.left, event.clientY - box.top);
    else { at.x -= event.deltaY; show(); }
  }, { passive: false });
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".node,.tools,[data-own]")) return;
    from = { x: event.clientX - at.x, y: event.clientY - at.y };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => { if (from) { at.x = event.clientX - from.x; at.y = event.clientY - from.y; show(); } });
  canvas.addEventListener("pointerup", () => { from = null; });
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (steps) { at.x += steps[0]; at.y += steps[1]; show(); }
    else if (event.key === "+" || event.key === "=") zoom(1.2);
    else if (event.key === "-") zoom(1 / 1.2);
    else if (event.key === "0") fit();
    else return;
    event.preventDefault();
  });
  canvas.addEventListener("focusin", (event) => {
    const node = event.target.closest(".node");
    canvas.scrollTo(0, 0);
    if (!node) return;
    const x = node.offsetLeft * at.zoom + at.x, y = node.offsetTop * at.zoom + at.y;
    if (x < 0 || x > canvas.clientWidth - 180) at.x += canvas.clientWidth / 2 - x;
    if (y < 0 || y > canvas.clientHeight - 60) at.y += canvas.clientHeight / 2 - y;
    show();
  });
  canvas.addEventListener("click", (event) => {
    const way = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (way === "in") zoom(1.2);
    if (way === "out") zoom(1 / 1.2);
    if (way === "fit") fit();
  });
  canvas.addEventListener("canvas-changed", show); // whoever moves nodes says so
  canvas.addEventListener("canvas-fit", fit);
  new ResizeObserver(fit).observe(canvas);
}
function drawMap(canvas, size, at) {
  const map = $("[data-map]", canvas);
  const scale = Math.min(132 / size.w, 84 / size.h);
  const nodes = $$(".node", canvas).map((node) => `<rect x="${node.offsetLeft * scale}" y="${node.offsetTop * scale}" width="${node.offsetWidth * scale}" height="${node.offsetHeight * scale}" rx="1" fill="var(--c6)"/>`);
  const held = (n, most) => Math.min(most, Math.max(0, n)), [left, top] = [held((-at.x / at.zoom) * scale, 131), held((-at.y / at.zoom) * scale, 83)];
  const right = held(((canvas.clientWidth - at.x) / at.zoom) * scale, 131.5), low = held(((canvas.clientHeight - at.y) / at.zoom) * scale, 83.5);
  const view = `<rect x="${left + 0.5}" y="${top + 0.5}" width="${Math.max(0, right - left - 0.5)}" height="${Math.max(0, low - top - 0.5)}" fill="none" stroke="var(--primary)"/>`;
  map.innerHTML = `<svg width="132" height="84" style="overflow:hidden">${nodes.join("")}${view}</svg>`;
}
$$("[data-canvas]").forEach(mount);
