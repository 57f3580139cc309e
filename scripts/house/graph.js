// Graphs of names: `edges` are `{ from, to }`. Nothing here knows what the names are.

/** The names that each name leads to. */
function successorsOf(edges) {
  const successors = new Map();
  for (const { from, to } of edges) successors.set(from, [...(successors.get(from) ?? []), to]);
  return successors;
}

/** The sets of names that lead to each other, each of two at least, or of one that leads to itself (Tarjan). */
function ringsOf(names, edges) {
  const successors = successorsOf(edges);
  const [numbers, lowest, stack, rings] = [new Map(), new Map(), [], []];
  const visit = (name) => {
    numbers.set(name, numbers.size);
    lowest.set(name, numbers.get(name));
    stack.push(name);
    for (const next of successors.get(name) ?? []) {
      if (!numbers.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(name, Math.min(lowest.get(name), lowest.get(next)));
    }
    if (lowest.get(name) !== numbers.get(name)) return;
    const ring = stack.splice(stack.indexOf(name));
    if (ring.length > 1 || (successors.get(name) ?? []).includes(name)) rings.push(ring);
  };
  for (const name of names) if (!numbers.has(name)) visit(name);
  return rings;
}

/** The shortest of a ring's ways back to where they begin: `[a, b, a]`. */
function shortestCycle(ring, edges) {
  const successors = successorsOf(edges.filter(({ from, to }) => ring.includes(from) && ring.includes(to)));
  const cycles = ring.map((start) => {
    const ways = [[start]];
    const seen = new Set();
    for (const way of ways)
      for (const next of successors.get(way.at(-1)) ?? []) {
        if (next === start) return [...way, next];
        if (!seen.has(next)) ways.push([...way, next]);
        seen.add(next);
      }
    return ways.at(-1);
  });
  return cycles.toSorted((one, other) => one.length - other.length)[0];
}

/**
 * How far below the top each name is, so that every edge leads down: the longest way to it. What nothing leads to stands as
 * low as it can. For graphs without rings.
 */
function layersOf(names, edges) {
  const successors = successorsOf(edges);
  const predecessors = successorsOf(edges.map(({ from, to }) => ({ from: to, to: from })));
  const layers = new Map();
  const layerOf = (name) => {
    if (!layers.has(name)) layers.set(name, Math.max(-1, ...(predecessors.get(name) ?? []).map(layerOf)) + 1);
    return layers.get(name);
  };
  names.forEach(layerOf);
  for (const name of names.filter((one) => !predecessors.has(one) && successors.has(one)))
    layers.set(name, Math.min(...successors.get(name).map(layerOf)) - 1);
  return layers;
}

module.exports = { layersOf, ringsOf, shortestCycle };
