/** What a gate has read once: whether it is well, and the numbers, for people. */
export interface Reading {
  readonly verdict: 'passes' | 'fails' | 'missing';
  /** A sentence without its full stop, with the numbers. */
  readonly says: string;
  /** What fails, by names that stay the same from one look to the next. Default: the gate as a whole. */
  readonly failing?: readonly string[];
}

export const missing = (says: string): Reading => ({ verdict: 'missing', says });

/** Values that are well from `least` to `most`, both included. */
export interface Bounds {
  readonly least?: number | undefined;
  readonly most?: number | undefined;
}

/** Judges every value; the one that is worst is told. `values` has one at least. */
export function judgeValues(values: readonly number[], bounds: Bounds): Reading {
  const wrong = values.find((value) => !isWithin(value, bounds));
  const told = wrong ?? values[0] ?? Number.NaN;
  const among = values.length > 1 ? ` among ${values.length} values` : '';
  return {
    verdict: wrong === undefined ? 'passes' : 'fails',
    says: `${formatNumber(told)}${among}, allowed ${formatBounds(bounds)}`,
  };
}

/** What is no number, as `NaN` of a division by zero requests, is no value. */
const isWithin = (value: number, { least = -Infinity, most = Infinity }: Bounds) => value >= least && value <= most;

function formatBounds({ least, most }: Bounds): string {
  if (least === undefined) return `at most ${most}`;
  return most === undefined ? `at least ${least}` : `${least} to ${most}`;
}

/** With four digits that count, and never more than a number has. */
export const formatNumber = (value: number): string => String(Number(value.toPrecision(4)));
