/** What Prometheus, and whoever answers with JSON, says. */
import { query, type JSONValue } from 'json-p3';
import { judgeValues, missing, type Bounds, type Reading } from './reading';

/**
 * An answer of `/api/v1/query`: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries. A vector's samples are
 * all judged; an empty one is no value, and neither is NaN.
 */
export function judgePrometheus(answer: unknown, bounds: Bounds): Reading {
  const { status, error, data } = (answer ?? {}) as { status?: unknown; error?: unknown; data?: PrometheusData };
  if (status !== 'success') return missing(`Prometheus answered ${typeof error === 'string' ? error : 'no result'}`);
  const values = samplesOf(data).filter((value) => !Number.isNaN(value));
  return values.length === 0 ? missing('the query has no value') : judgeValues(values, bounds);
}

interface PrometheusData {
  readonly resultType?: unknown;
  readonly result?: unknown;
}

/** A sample is a pair of time and value, the value as text; `+Inf` is one. */
function samplesOf({ resultType, result }: PrometheusData = {}): number[] {
  if (resultType === 'scalar') return [sampleOf(result)];
  if (resultType !== 'vector' || !Array.isArray(result)) return [];
  return result.map((one: { value?: unknown } | null) => sampleOf(one?.value));
}

function sampleOf(pair: unknown): number {
  const [, text] = Array.isArray(pair) ? (pair as unknown[]) : [];
  if (typeof text !== 'string' || text === '') return Number.NaN;
  return /^[+-]?Inf$/.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
}

/** Every number, or text that is one, that a JSONPath finds. */
export function judgeJson(answer: unknown, path: string, bounds: Bounds): Reading {
  const found = query(path, answer as JSONValue).values();
  const values = found.map(numberOf);
  if (found.length === 0) return missing(`${path} finds nothing`);
  return values.some(Number.isNaN) ? missing(`${path} finds what is no number`) : judgeValues(values, bounds);
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}
