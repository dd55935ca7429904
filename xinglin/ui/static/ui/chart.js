// Charts: <div data-chart="id"> draws the ECharts option in <script type="application/json" id="id"> with our tokens.
// Load it after vendor/echarts.min.js, only on pages that draw.
function token(element, name) { return getComputedStyle(element).getPropertyValue(name).trim(); }

function theme(element) {
  const t = (name) => token(element, name);
  const axis = { axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: t("--ink-3"), fontSize: 12 }, splitLine: { lineStyle: { color: t("--grid") } } };
  return {
    color: ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"].map(t),
    backgroundColor: "transparent",
    textStyle: { fontFamily: t("--font"), color: t("--ink-3") },
    grid: { left: 8, right: 64, top: 16, bottom: 8, containLabel: true },
    line: { symbol: "none", lineStyle: { width: 2 }, smooth: false },
    bar: { itemStyle: { borderRadius: 2 } },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: axis,
    timeAxis: axis,
    tooltip: { backgroundColor: t("--surface"), borderColor: t("--line"), textStyle: { color: t("--ink"), fontSize: 13 }, trigger: "axis", confine: true },
  };
}
// Colours in an option may be written as token names ("--c2").
function resolve(value, element) {
  if (typeof value === "string") return value.startsWith("--") ? token(element, value) : value;
  if (Array.isArray(value)) return value.map((one) => resolve(one, element));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolve(v, element)]));
  return value;
}
function draw(element) {
  const option = JSON.parse(document.getElementById(element.dataset.chart).textContent);
  window.echarts.getInstanceByDom(element)?.dispose();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const chart = window.echarts.init(element, theme(element), { renderer: "svg" });
  chart.setOption({ animation: !still, animationDuration: 300, aria: { enabled: false }, ...resolve(option, element) });
  new ResizeObserver(() => chart.resize()).observe(element);
}
export function drawAll(root = document) { root.querySelectorAll("[data-chart]").forEach(draw); }
drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
document.body.addEventListener("htmx:afterSwap", (event) => drawAll(event.detail.target));
