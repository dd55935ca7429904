// A 3D model stands as words or a picture until somebody asks to turn it; only then the viewer is loaded.
// AR: in the browser (WebXR) or the phone's own (Quick Look, made here), never a viewer that is told an address.
const ANGLE = Math.PI / 12, HIGHEST = Math.PI / 24, CLOSER = 0.8, NEAREST = 8;
const HEIGHTS = ["upper-", "", "lower-"], SIDES = ["front", "right", "back", "left"];
const KEYS = { "+": "in", "=": "in", "-": "out", Escape: "flat" };

function draws() {
  return Boolean(document.createElement("canvas").getContext("webgl2"));
}
// The viewer would make a decoder ready that the page's policy forbids; no file of the library needs one.
async function load(script) {
  const { WebAssembly } = self;
  self.WebAssembly = undefined;
  try {
    await import(script);
  } finally {
    self.WebAssembly = WebAssembly;
  }
}
function button(slot, text) {
  return Object.assign(document.createElement("button"), { type: "button", slot, className: "btn", textContent: text });
}
function made({ model, alt, how, heights, sides, near, leave }) {
  const viewer = document.createElement("model-viewer");
  const [high, round] = [heights.split("|"), sides.split("|")];
  const places = HEIGHTS.flatMap((h, i) => SIDES.map((s, k) => [h + s, `${high[i]} ${round[k]}`]));
  const facts = {
    src: model, alt, loading: "eager", "camera-controls": "", "disable-pan": "", "disable-tap": "",
    "min-field-of-view": `${NEAREST}deg`, "touch-action": "pan-y", "interaction-prompt": "none", ar: "", "ar-modes": "webxr quick-look",
    a11y: JSON.stringify({ ...Object.fromEntries(places), "interaction-prompt": how }),
  };
  if (matchMedia("(pointer: fine)").matches) facts["disable-zoom"] = ""; // the wheel is the page's
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) facts["interpolation-decay"] = "0";
  for (const [name, value] of Object.entries(facts)) viewer.setAttribute(name, value);
  viewer.append(button("ar-button", near), button("exit-webxr-ar-button", leave));
  return viewer;
}
function moves(viewer) {
  let goal = null, wide = 0;
  viewer.addEventListener("camera-change", (event) => { if (event.detail.source === "user-interaction") goal = null, wide = 0; });
  const turn = (theta, phi) => {
    goal ??= viewer.getCameraOrbit();
    goal.theta += theta;
    goal.phi = Math.min(Math.max(goal.phi + phi, HIGHEST), Math.PI - HIGHEST);
    viewer.cameraOrbit = `${goal.theta}rad ${goal.phi}rad auto`;
  };
  const come = (share) => {
    wide = Math.min(Math.max((wide || viewer.getFieldOfView()) * share, NEAREST), 45);
    viewer.fieldOfView = `${wide}deg`;
  };
  return {
    left: () => turn(ANGLE, 0), right: () => turn(-ANGLE, 0), up: () => turn(0, ANGLE), down: () => turn(0, -ANGLE),
    in: () => come(CLOSER), out: () => come(1 / CLOSER),
  };
}

for (const figure of document.querySelectorAll("[data-model]")) {
  const parts = ["[data-flat]", ".turnable-view", ".turnable-bar", ".turnable-open", "[data-private]", "[data-turn=play]"];
  const [flat, view, bar, open, secret, play] = parts.map((part) => figure.querySelector(part));
  const status = open.querySelector("[role=status]");
  let turn = {};
  const show = (round) => {
    view.hidden = bar.hidden = !round;
    flat.hidden = open.hidden = round;
    status.textContent = "";
  };
  const close = () => {
    view.replaceChildren();
    secret.hidden = play.hidden = true;
    show(false);
    open.querySelector("button").focus();
  };
  const failed = () => {
    close();
    status.textContent = figure.dataset.failed;
  };
  const running = (on) => play.setAttribute("aria-pressed", String(on));
  const look = async () => {
    if (!draws()) return failed();
    status.textContent = figure.dataset.loading;
    await load(figure.dataset.script);
    const viewer = made(figure.dataset);
    turn = { ...moves(viewer), flat: close, play: () => {
      running(viewer.paused);
      if (viewer.paused) viewer.play(); else viewer.pause();
    } };
    viewer.addEventListener("error", failed);
    viewer.addEventListener("poster-dismissed", () => {
      if (document.activeElement === view) viewer.shadowRoot.querySelector("[role=img]").focus();
    });
    viewer.addEventListener("load", async () => {
      play.hidden = !viewer.availableAnimations.length;
      running(false);
      await navigator.xr?.isSessionSupported("immersive-ar").catch(() => false);
      secret.hidden = !viewer.canActivateAR;
    });
    show(true);
    view.replaceChildren(viewer);
    view.focus();
    await viewer.updateComplete;
    viewer.shadowRoot.querySelector("[role=region]").setAttribute("aria-label", figure.dataset.said);
  };
  open.hidden = false;
  open.querySelector("button").addEventListener("click", () => look().catch(failed));
  bar.addEventListener("click", (event) => turn[event.target.dataset.turn]?.());
  view.addEventListener("keydown", (event) => {
    const name = KEYS[event.key];
    if (name) { event.preventDefault(); turn[name]?.(); }
  });
}
