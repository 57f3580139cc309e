/**
 * Whether green answers worse than blue, told apart from chance.
 *
 * The test is exact: were each of green's requests as likely to fail as `factor` times blue's, then of all failures those that
 * are green's would be binomial, with green's weighted share of the requests as probability. The p-value is the probability of
 * as many or more. It is looked at again and again, so the error that is allowed is spent over the looks: the k-th may use
 * 1 / (k (k + 1)) of it, and all of them together never more than the whole, for however long one looks.
 *
 * It takes requests as independent of each other; what fails in bursts is found sooner than the confidence says.
 */

/** Requests, and how many of them failed. */
export interface Counted {
  readonly requests: number;
  readonly errors: number;
}

export interface Comparison {
  readonly green: Counted;
  readonly blue: Counted;
  readonly factor: number;
}

/** The probability that green has so many failures or more while it is no worse than `factor` times blue; 1 where nothing is known. */
export function probabilityByChance({ green, blue, factor }: Comparison): number {
  if (green.errors === 0 || green.requests === 0 || blue.requests === 0) return 1;
  const weighted = green.requests * factor;
  return binomialTail(green.errors + blue.errors, green.errors, weighted / (weighted + blue.requests));
}

/** @param confidence of all looks together, in percent  @param look the number of this one, from 1 */
export const allowedAt = (confidence: number, look: number): number => (1 - confidence / 100) / (look * (look + 1));

/** The probability of `least` or more successes in `tries`, each with probability `p`. */
function binomialTail(tries: number, least: number, p: number): number {
  let term = Math.exp(logChoose(tries, least) + least * Math.log(p) + (tries - least) * Math.log1p(-p));
  let sum = 0;
  for (let k = least; k <= tries && term > 0; k += 1) {
    sum += term;
    term *= ((tries - k) / (k + 1)) * (p / (1 - p));
  }
  return Math.min(1, sum);
}

/** The logarithm of the binomial coefficient, added up. */
function logChoose(n: number, k: number): number {
  const few = Math.min(k, n - k);
  return Array.from({ length: few }, (_, at) => Math.log((n - at) / (at + 1))).reduce((sum, one) => sum + one, 0);
}
