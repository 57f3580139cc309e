/**
 * When a module is warm, and when it is broken. A module's first request on each replica compiles and starts it, which takes IIS
 * up to a minute; until then it answers 5xx, or nothing in time.
 */

/** How many rounds in a row every module must answer in. */
export const roundsToAnswer = 3;

/** In how many rounds in a row a module must answer wrongly before it is broken. */
export const roundsToFail = 3;

export interface Patience {
  /** Milliseconds until a route has reached every node: until then nothing is wrong. */
  readonly settleMs: number;
  /** Milliseconds after that in which a server's error, or silence, means that the module is warming up. */
  readonly patienceMs: number;
}

/**
 * Whether a module that answered wrongly is broken.
 * @param status `null` for silence
 * @param rounds in how many rounds in a row it did so, this one included
 */
export function isBroken(
  status: number | null,
  rounds: number,
  waitedMs: number,
  { settleMs, patienceMs }: Patience,
): boolean {
  if (waitedMs <= settleMs) return false;
  if (waitedMs > settleMs + patienceMs) return true;
  const warmsUp = status === null || status >= 500;
  return !warmsUp && rounds >= roundsToFail;
}

/** The chance that a replica was never asked, beyond which nobody would call the replicas warm. */
const acceptedChance = 0.01;
const mostAnswers = 600;

/** The chance that one of the replicas never gets one of so many requests, each of which goes to any of them. */
const chanceToMiss = (replicas: number, requests: number) => Math.min(1, replicas * (1 - 1 / replicas) ** requests);

/**
 * How many answers of a module through the load balancer it takes until each replica has probably given one: a load balancer
 * doesn't say which of them answers.
 */
export function answersToWarm(replicas: number): number {
  if (replicas <= 1) return roundsToAnswer;
  const needed = Math.ceil(Math.log(acceptedChance / replicas) / Math.log(1 - 1 / replicas));
  return Math.min(mostAnswers, Math.max(roundsToAnswer, needed));
}

/** How many rounds of requests through each of the load balancer's addresses that makes. */
export const roundsToWarm = (replicas: number, addresses: number): number =>
  Math.max(roundsToAnswer, Math.ceil(answersToWarm(replicas) / Math.max(1, addresses)));

/** What was asked of green before it got traffic. */
export interface Warmed {
  readonly modules: number;
  /** Of its target group. */
  readonly replicas: number;
  /** Whether each replica was asked by itself. */
  readonly each: boolean;
  /** Answers of each module through the load balancer. */
  readonly answers: number;
}

/** How sure it is that every replica has answered for every module, as a sentence. */
export function formatWarmed({ modules, replicas, each, answers }: Warmed): string {
  const what = `${modules} ${modules === 1 ? 'module' : 'modules'}`;
  if (replicas === 0) return `${what} answered ${answers} times through the load balancer.`;
  if (each) return `${what} answered on each of ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}.`;
  if (replicas === 1) return `${what} answered on the one replica.`;
  const percent = Math.max(1, Math.ceil(chanceToMiss(replicas, answers) * 100));
  return `${what} answered ${answers} times each through the load balancer, because the worker can't reach the ${replicas} replicas themselves: for each module, the chance that one of them was not asked is below ${percent} %.`;
}
