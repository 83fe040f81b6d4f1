import { geoArea, geoEqualEarth, geoPath } from "./vendor/d3-geo.js";
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 960;
const HEIGHT = 418;
const EDGES = { type: "MultiPoint", coordinates: [[-180, 0], [180, 0], [0, 85], [0, -57]] };
function element(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}
function rewind(rings) {
  return rings.map((ring, at) => {
    const covers = geoArea({ type: "Polygon", coordinates: [ring] }) > 2 * Math.PI;
    return covers === (at === 0) ? [...ring].reverse() : ring;
  });
}
function wound(shape) {
  const { geometry } = shape;
  if (geometry?.type === "Polygon") {
    return { ...shape, geometry: { ...geometry, coordinates: rewind(geometry.coordinates) } };
  }
  if (geometry?.type === "MultiPolygon") {
    const coordinates = geometry.coordinates.map(rewind);
    return { ...shape, geometry: { ...geometry, coordinates } };
  }
  return shape;
}
function hatching(svg, scale) {
  const step = String(Math.max(5, 4 * scale));
  const pattern = element(
    "pattern",
    { id: "hatch", width: step, height: step, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    element("defs", {}, svg)
  );
  element("line", { x1: "0", y1: "0", x2: "0", y2: step, class: "hatch-line", "stroke-width": String(scale) }, pattern);
}
function place(parent, shape, d, row) {
  const level = row?.dataset["level"];
  const link = row?.querySelector("th a")?.getAttribute("href");
  const home = link ? element("a", { href: link, tabindex: "-1" }, parent) : parent;
  const path = element("path", { d, class: `place level-${level ?? "no-data"}` }, home);
  if (row?.dataset["unread"] !== void 0 || !level) element("path", { d, class: "hatched", fill: "url(#hatch)" }, home);
  const words = row?.querySelector(".level-words")?.textContent?.trim() ?? "no data";
  element("title", {}, path).textContent = `${shape.properties.name}: ${words}`;
}
function draw(svg, world, scale) {
  const rows = /* @__PURE__ */ new Map();
  for (const row of document.querySelectorAll("#countries tr[data-iso3]")) {
    rows.set(row.dataset["iso3"] ?? "", row);
  }
  const projection = geoEqualEarth().fitSize([WIDTH, HEIGHT], EDGES);
  const path = geoPath(projection).digits(1).pointRadius(2.6);
  hatching(svg, scale);
  element("path", { d: path({ type: "Sphere" }) ?? "", class: "sea" }, svg);
  const shapes = [...world.features].sort((a, b) => Number(a.properties.dot) - Number(b.properties.dot));
  for (const shape of shapes) {
    const d = shape.geometry ? path(wound(shape)) : null;
    if (d) place(svg, shape, d, rows.get(shape.properties.iso3));
  }
}
async function start() {
  const figure = document.querySelector("#map");
  const address = figure?.dataset["shapes"];
  if (!figure || !address) return;
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the shapes of the map could not be read (${answer.status})`);
  const svg = element("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": "World map of levels. The table below holds the same."
  });
  const scale = WIDTH / (figure.clientWidth || WIDTH);
  draw(svg, await answer.json(), scale);
  figure.prepend(svg);
  figure.dataset["drawn"] = "yes";
}
start().catch((fault) => {
  const note = document.querySelector("#map-note");
  if (note) note.textContent = `The map could not be drawn: ${String(fault)}. The table below is complete.`;
});
