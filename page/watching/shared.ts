/** What many look at and one asks for: it begins with the first viewer, and ends some seconds after the last has gone. */

export interface Shared<T> {
  /** Hears what is known, and then each change. @returns what ends it */
  readonly look: (hear: (value: T) => void) => () => void;
  /** What was seen last; `undefined` while nobody looks. */
  readonly known: () => T | undefined;
}

/** A page that is opened again finds what is known. */
const lingerMs = 5_000;

/**
 * @param watch tells what it sees until the signal ends it; it throws nothing
 * @param until ends it at once, whoever looks
 */
export function shared<T>(
  watch: (tell: (value: T) => void, signal: AbortSignal) => Promise<void>,
  until: AbortSignal,
  lingers = lingerMs,
): Shared<T> {
  const viewers = new Set<(value: T) => void>();
  let running: AbortController | undefined;
  let leaving: NodeJS.Timeout | undefined;
  let known: { readonly value: T; readonly text: string } | undefined;
  const begin = () => {
    const own = (running = new AbortController());
    const tell = (value: T) => {
      const text = JSON.stringify(value);
      if (own.signal.aborted || text === known?.text) return;
      known = { value, text };
      for (const hear of viewers) hear(value);
    };
    void watch(tell, AbortSignal.any([own.signal, until]));
  };
  const end = () => {
    running?.abort();
    running = undefined;
    known = undefined;
  };
  return {
    known: () => known?.value,
    look: (hear) => {
      clearTimeout(leaving);
      viewers.add(hear);
      if (known) hear(known.value);
      if (!running) begin();
      return () => {
        viewers.delete(hear);
        if (viewers.size > 0) return;
        clearTimeout(leaving);
        leaving = setTimeout(end, lingers);
        leaving.unref();
      };
    },
  };
}

/** One of each name, made when it is first looked at. */
export function sharedByName<T>(make: (name: string) => Shared<T>): (name: string) => Shared<T> {
  const made = new Map<string, Shared<T>>();
  return (name) => {
    const found = made.get(name) ?? make(name);
    made.set(name, found);
    return found;
  };
}
