// Lays a graph without rings out in layers, every edge from above to below. An edge that passes layers has a lane through each,
// which no box stands in; all edges to one name share its lanes, so there is one line to follow to it.
const { layersOf } = require('./graph');

const laneWidth = 14;

/** Crossings first; then short lines. */
function cost(layers, segments) {
  const at = new Map(layers.flatMap((layer) => layer.map((id, index) => [id, index - (layer.length - 1) / 2])));
  let crossings = 0;
  let length = 0;
  segments.forEach(({ from, to, layer }, index) => {
    length += Math.abs(at.get(from) - at.get(to));
    for (const other of segments.slice(index + 1))
      if (other.layer === layer && (at.get(from) - at.get(other.from)) * (at.get(to) - at.get(other.to)) < 0)
        crossings++;
  });
  return crossings * 1_000 + length;
}

/** The same layers with one name moved to another place in its layer: every way to do that. */
function* movesOf(layers) {
  for (const [depth, layer] of layers.entries())
    for (const id of layer)
      for (const place of layer.keys()) {
        const others = layer.filter((other) => other !== id);
        yield layers.with(depth, others.toSpliced(place, 0, id));
      }
}

/** Moves one name after the other, each time by what helps most, until nothing does. */
function orderLayers(layers, segments) {
  let [best, least, before] = [layers, cost(layers, segments), Infinity];
  while (least < before) {
    before = least;
    for (const moved of movesOf(best)) {
      const now = cost(moved, segments);
      if (now < least) [best, least] = [moved, now];
    }
  }
  return best;
}

/** The places nearest to the wanted ones that keep the order and the distances (pool adjacent violators). */
function spread(wanted, distances) {
  const offsets = distances.reduce((sums, distance) => [...sums, sums.at(-1) + distance], [0]);
  const blocks = [];
  for (const [index, place] of wanted.entries()) {
    blocks.push({ sum: place - offsets[index], size: 1 });
    while (blocks.length > 1 && blocks.at(-2).sum / blocks.at(-2).size > blocks.at(-1).sum / blocks.at(-1).size) {
      const last = blocks.pop();
      blocks.at(-1).sum += last.sum;
      blocks.at(-1).size += last.size;
    }
  }
  return blocks.flatMap(({ sum, size }) => Array(size).fill(sum / size)).map((place, index) => place + offsets[index]);
}

/** How far right each middle is: as near to what it is joined to as the others in its layer allow. */
function placeAcross(layers, segments, widthOf, gap) {
  const x = new Map(layers.flatMap((layer) => layer.map((id, index) => [id, index * 100])));
  const joined = (id) =>
    segments.flatMap(({ from, to }) => (from === id ? [x.get(to)] : []).concat(to === id ? [x.get(from)] : []));
  for (let round = 0; round < 60; round++)
    for (const layer of round % 2 === 0 ? layers : layers.toReversed()) {
      const wanted = layer.map((id) => {
        const others = joined(id);
        return others.length === 0 ? x.get(id) : others.reduce((sum, one) => sum + one, 0) / others.length;
      });
      const distances = layer.slice(1).map((id, index) => (widthOf(id) + widthOf(layer[index])) / 2 + gap);
      spread(wanted, distances).forEach((place, index) => x.set(layer[index], place));
    }
  const left = Math.min(...layers.flat().map((id) => x.get(id) - widthOf(id) / 2));
  return new Map([...x].map(([id, place]) => [id, Math.round(place - left)]));
}

/**
 * @param edges `{ from, to, typesOnly }`
 * @returns `layers` of names and lanes from left to right, `x` of their middles, and `segments` from layer to layer, each with
 *   the name that it leads to as its `target`
 */
function layOut(names, edges, { width, gap }) {
  const layerOf = layersOf(names, edges);
  const layers = Array.from({ length: Math.max(...layerOf.values()) + 1 }, () => []);
  for (const name of names) layers[layerOf.get(name)].push(name);
  const segments = new Map();
  for (const { from, to, typesOnly } of edges) {
    let [above, last] = [from, layerOf.get(to)];
    for (let layer = layerOf.get(from) + 1; layer <= last; layer++) {
      const below = layer === last ? to : `${to} through ${layer}`;
      if (!layers[layer].includes(below)) layers[layer].push(below);
      const key = `${above} > ${below}`;
      const only = typesOnly && (segments.get(key)?.typesOnly ?? true);
      segments.set(key, { from: above, to: below, target: to, layer, typesOnly: only });
      above = below;
    }
  }
  const all = [...segments.values()];
  const widthOf = (id) => (layerOf.has(id) ? width : laneWidth);
  const ordered = orderLayers(layers, all);
  return { layers: ordered, segments: all, x: placeAcross(ordered, all, widthOf, gap) };
}

module.exports = { layOut };
