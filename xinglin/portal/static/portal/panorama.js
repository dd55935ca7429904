// A 360° picture stands flat until somebody asks to look around; only then the viewer is loaded.
const loading = {};
function load(figure) {
  const { script, style } = figure.dataset;
  loading[script] ??= new Promise((done, failed) => {
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: style });
    const code = Object.assign(document.createElement("script"), { src: script, onload: done, onerror: failed });
    document.head.append(sheet, code);
  });
  return loading[script];
}
const STEP = 15;
function moves(viewer) {
  return {
    left: () => viewer.setYaw(viewer.getYaw() - STEP), right: () => viewer.setYaw(viewer.getYaw() + STEP),
    up: () => viewer.setPitch(viewer.getPitch() + STEP), down: () => viewer.setPitch(viewer.getPitch() - STEP),
    in: () => viewer.setHfov(viewer.getHfov() - STEP), out: () => viewer.setHfov(viewer.getHfov() + STEP),
  };
}
const KEYS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", "+": "in", "=": "in", "-": "out", Escape: "flat" };

for (const figure of document.querySelectorAll("[data-panorama]")) {
  const [flat, view, bar, open] = ["img", ".pano-view", ".pano-bar", ".pano-open"].map((part) => figure.querySelector(part));
  let viewer = null, turn = {};
  const show = (round) => {
    view.hidden = bar.hidden = !round;
    flat.hidden = open.hidden = round;
  };
  const close = () => {
    viewer?.destroy();
    viewer = null;
    view.replaceChildren();
    show(false);
    open.querySelector("button").focus();
  };
  const failed = () => {
    close();
    open.querySelector("[role=status]").textContent = figure.dataset.failed;
  };
  open.hidden = false;
  open.querySelector("button").addEventListener("click", () => load(figure).then(() => {
    show(true);
    viewer = window.pannellum.viewer(view, {
      type: "equirectangular", panorama: figure.dataset.panorama, autoLoad: true, hfov: 100, showControls: false,
      mouseZoom: false, disableKeyboardCtrl: true, friction: 0.2,
    });
    viewer.on("error", failed);
    turn = { ...moves(viewer), flat: close };
    view.focus();
  }).catch(failed));
  bar.addEventListener("click", (event) => turn[event.target.dataset.turn]?.());
  view.addEventListener("keydown", (event) => {
    const name = KEYS[event.key];
    if (name) { event.preventDefault(); turn[name]?.(); }
  });
}
