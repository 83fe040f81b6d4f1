// Draws the world from map.json and colours it from the table on the same page. The table is the source: the
// map can show nothing that the table does not say.
import { geoArea, geoEqualEarth, geoPath } from "d3-geo";
import type { Feature, FeatureCollection, Geometry, MultiPoint, MultiPolygon, Polygon, Position } from "geojson";

interface Properties {
  iso3: string;
  name: string;
  dot: boolean;
}
type Shape = Feature<Geometry, Properties>;

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 960;
const HEIGHT = 418;
// The inhabited world: no state lies south of 57° S, and the room is better used by those that exist.
const EDGES: MultiPoint = { type: "MultiPoint", coordinates: [[-180, 0], [180, 0], [0, 85], [0, -57]] };

function element(name: string, attributes: Record<string, string>, parent?: Element): SVGElement {
  const made = document.createElementNS(SVG, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

// d3-geo reads a ring by its turning: one wound the other way round would be the whole world but the country.
function rewind(rings: Position[][]): Position[][] {
  return rings.map((ring, at) => {
    const covers = geoArea({ type: "Polygon", coordinates: [ring] }) > 2 * Math.PI;
    return covers === (at === 0) ? [...ring].reverse() : ring;
  });
}

function wound(shape: Shape): Shape {
  const { geometry } = shape;
  if (geometry?.type === "Polygon") {
    return { ...shape, geometry: { ...geometry, coordinates: rewind((geometry as Polygon).coordinates) } };
  }
  if (geometry?.type === "MultiPolygon") {
    const coordinates = (geometry as MultiPolygon).coordinates.map(rewind);
    return { ...shape, geometry: { ...geometry, coordinates } };
  }
  return shape;
}

// `scale` is units of the drawing per pixel of the screen: on a phone the lines are drawn wider, or they turn to grey.
function hatching(svg: SVGElement, scale: number): void {
  const step = String(Math.max(5, 4 * scale));
  const pattern = element(
    "pattern",
    { id: "hatch", width: step, height: step, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    element("defs", {}, svg),
  );
  element("line", { x1: "0", y1: "0", x2: "0", y2: step, class: "hatch-line", "stroke-width": String(scale) }, pattern);
}

function place(parent: SVGElement, shape: Shape, d: string, row: HTMLTableRowElement | undefined): void {
  const level = row?.dataset["level"];
  const link = row?.querySelector<HTMLAnchorElement>("th a")?.getAttribute("href");
  // Keyboards and screen readers use the table, which holds the same links in a better order.
  const home = link ? element("a", { href: link, tabindex: "-1" }, parent) : parent;
  const path = element("path", { d, class: `place level-${level ?? "no-data"}` }, home);
  // A level held without data keeps its colour under the hatching.
  if (row?.dataset["unread"] !== undefined || !level) element("path", { d, class: "hatched", fill: "url(#hatch)" }, home);
  const words = row?.querySelector(".level-words")?.textContent?.trim() ?? "no data";
  element("title", {}, path).textContent = `${shape.properties.name}: ${words}`;
}

function draw(svg: SVGElement, world: FeatureCollection<Geometry, Properties>, scale: number): void {
  const rows = new Map<string, HTMLTableRowElement>();
  for (const row of document.querySelectorAll<HTMLTableRowElement>("#countries tr[data-iso3]")) {
    rows.set(row.dataset["iso3"] ?? "", row);
  }
  const projection = geoEqualEarth().fitSize([WIDTH, HEIGHT], EDGES);
  const path = geoPath(projection).digits(1).pointRadius(2.6);
  hatching(svg, scale);
  element("path", { d: path({ type: "Sphere" }) ?? "", class: "sea" }, svg);
  // Small places are dots: they come last, so that no neighbour covers them.
  const shapes = [...world.features].sort((a, b) => Number(a.properties.dot) - Number(b.properties.dot));
  for (const shape of shapes) {
    const d = shape.geometry ? path(wound(shape)) : null;
    if (d) place(svg, shape, d, rows.get(shape.properties.iso3));
  }
}

async function start(): Promise<void> {
  const figure = document.querySelector<HTMLElement>("#map");
  const address = figure?.dataset["shapes"];
  if (!figure || !address) return;
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the shapes of the map could not be read (${answer.status})`);
  const svg = element("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": "World map of levels. The table below holds the same.",
  });
  const scale = WIDTH / (figure.clientWidth || WIDTH);
  draw(svg, (await answer.json()) as FeatureCollection<Geometry, Properties>, scale);
  figure.prepend(svg);
  figure.dataset["drawn"] = "yes";
}

start().catch((fault: unknown) => {
  const note = document.querySelector("#map-note");
  if (note) note.textContent = `The map could not be drawn: ${String(fault)}. The table below is complete.`;
});
