// The parts of d3-geo that the map uses, bundled into one file of their own with its licence beside it.
export { geoArea, geoEqualEarth, geoPath } from "d3-geo";
