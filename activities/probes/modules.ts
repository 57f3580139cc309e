/** Whether every module answers its health request: before it gets traffic, and while replicas change behind it. */
import { ApplicationFailure } from '@temporalio/common';
import { explainAnswer } from '../../planning/proof/answers';
import { silentAddress } from '../../planning/proof/nodes';
import { formatWarmed, isBroken, roundsToWarm, type Patience } from '../../planning/proof/warming';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import type { AwsDependencies } from '../aws/dependencies';
import { poll, waitedMs } from '../polling';
import { refuseAddresses } from './addresses';
import { everyMs } from './pace';
import { askTarget, canReach, describeTargets, type Target, type WarmedReplicas } from './replicas';
import { healthPage, roundsOf, type Answered } from './rounds';

export interface Verification {
  readonly settleMs: number;
  /** How long a module may warm up after that. Default: 5 s, where nothing starts. */
  readonly patienceMs?: number;
  /** Where they are new. Default: whoever answers has answered for long. */
  readonly replicas?: WarmedReplicas;
}

/** How it was verified, for people. */
export interface Verified {
  /** A sentence each. */
  readonly says: readonly string[];
  /** Whether each replica was asked at its own address. */
  readonly reached: boolean;
}

export const moduleProbes = (aws: AwsDependencies) => ({
  /**
   * Returns when every module has answered its health request three times in a row through each node of the load balancer, and
   * each replica has answered for every module: asked by itself where the worker reaches it, else as often as it takes until each
   * has probably answered.
   * @throws {ApplicationFailure} of type `ModuleBroken`, with URL, status and first bytes, when a module answers wrongly three times
   * in a row after the route has reached every node, or doesn't answer well when the patience is over
   */
  async verifyModules(
    route: RouteAddress,
    paths: readonly string[],
    { settleMs, patienceMs = 5_000, replicas }: Verification,
  ): Promise<Verified> {
    const patience = { settleMs, patienceMs };
    const targets = replicas ? await describeTargets(aws, replicas) : [];
    refuseAddresses(
      route.dnsName,
      targets.map(({ address }) => address),
    );
    const isReached = await canReach(targets);
    const rounds = roundsOf(route, { quick: true });
    const answers = await answerInARow(rounds, paths, { patience, replicas: isReached ? 1 : targets.length, route });
    const each = replicas && isReached ? await warmEach(aws, route, { replicas, patience, targets }) : null;
    const count = each ?? targets.length;
    const warmed = { modules: paths.length, replicas: count, each: each !== null, answers };
    return { says: [formatWarmed(warmed), ...saying(rounds.leftOut())], reached: each !== null };
  },

  /**
   * Never returns by itself: asks again and again while replicas change behind the paths, a few of them at a time.
   * @throws {ApplicationFailure} of type `ModuleBroken` at the first wrong answer, and when a path gave none twice in a row
   */
  async watchModules(route: RouteAddress, paths: readonly string[]): Promise<void> {
    const rounds = roundsOf(route);
    let silent: readonly Answered[] = [];
    let next = 0;
    await poll(
      async () => {
        const sample = Array.from({ length: Math.min(sampleSize, paths.length) }, (_, index) =>
          String(paths[(next + index) % paths.length]),
        );
        next = (next + sample.length) % Math.max(1, paths.length);
        const asked = [...new Set([...silent.map(({ path }) => path), ...sample])];
        const answers = await rounds.ask(asked, healthPage, refuseWrong);
        const bad = answers.filter(({ answer }) => answer.status !== 200);
        const wrong = bad.find(({ url }) => silent.some((one) => one.url === url));
        if (wrong) throw broken(wrong, bad);
        silent = bad;
        return undefined;
      },
      { everyMs: everyMs(route, 'watch') },
    );
  },
});

/** A wrong answer is one at once, whatever the others of its round take. @throws {ApplicationFailure} of type `ModuleBroken` */
function refuseWrong(one: Answered): void {
  if (one.answer.status !== null && one.answer.status !== 200) throw broken(one, [one]);
}

/** How many modules a round of a watch asks for. */
const sampleSize = 10;

const saying = (sentence: string | undefined) => (sentence === undefined ? [] : [sentence]);

interface Answering {
  readonly route: RouteAddress;
  readonly patience: Patience;
  /** How many of them may be the one that answers. */
  readonly replicas: number;
}

/** Returns, once every path has answered in so many rounds in a row that all replicas are warm, how many answers that was. */
async function answerInARow(
  rounds: ReturnType<typeof roundsOf>,
  paths: readonly string[],
  { route, patience, replicas }: Answering,
): Promise<number> {
  const streaks = new Map(paths.map((path) => [path, 0]));
  const failing = new Map<string, number>();
  let isWell = true;
  return await poll(
    async (report) => {
      const answers = await rounds.ask([...streaks.keys()], healthPage);
      isWell = answers.every(({ answer }) => answer.status === 200);
      const addresses = new Set(answers.map(({ address }) => address)).size;
      const needed = roundsToWarm(replicas, addresses);
      for (const path of streaks.keys()) {
        const own = answers.filter((one) => one.path === path);
        const bad = refuseBroken(own, answers, { failing, key: path, patience });
        streaks.set(path, bad ? 0 : (streaks.get(path) ?? 0) + 1);
      }
      const done = [...streaks.values()].filter((streak) => streak >= needed).length;
      report(`${done} of ${streaks.size} modules answered ${needed} times in a row`);
      return done === streaks.size ? needed * Math.max(1, addresses) : undefined;
    },
    { everyMs: () => everyMs(route, isWell ? 'again' : 'verify') },
  );
}

interface Warming {
  readonly replicas: WarmedReplicas;
  readonly patience: Patience;
  readonly targets: readonly Target[];
}

/**
 * Returns, once each replica has answered for every module, how many replicas there are; one that is replaced meanwhile is forgotten.
 * `null` when one of them can't be reached any more.
 */
async function warmEach(
  aws: AwsDependencies,
  route: RouteAddress,
  { replicas, patience, targets: known }: Warming,
): Promise<number | null> {
  const warm = new Set<string>();
  const failing = new Map<string, number>();
  let targets = known;
  return await poll(
    async (report) => {
      for (const target of targets) {
        const paths = replicas.paths.filter((path) => !warm.has(keyOf(target, path)));
        const answers = await askTarget(route, replicas, target, paths);
        for (const one of answers) {
          const key = keyOf(target, one.path);
          if (!refuseBroken([one], answers, { failing, key, patience })) warm.add(key);
        }
      }
      const now = await describeTargets(aws, replicas);
      const isReachable =
        now.every(({ address }) => known.some((one) => one.address === address)) || (await canReach(now));
      if (!isReachable) return null;
      targets = now;
      const left = targets.flatMap((target) => replicas.paths.filter((path) => !warm.has(keyOf(target, path))));
      report(`${left.length} modules of ${targets.length} replicas have still to answer`);
      return left.length === 0 && targets.length > 0 ? targets.length : undefined;
    },
    { everyMs: everyMs(route, 'verify') },
  );
}

const keyOf = ({ address, port }: Target, path: string) => `${address}:${port}${path}`;

interface Failing {
  /** In how many rounds in a row each has failed. */
  readonly failing: Map<string, number>;
  readonly key: string;
  readonly patience: Patience;
}

/** @returns the wrong answer of a round, where there is one @throws {ApplicationFailure} of type `ModuleBroken` when it's for good */
function refuseBroken(
  own: readonly Answered[],
  all: readonly Answered[],
  { failing, key, patience }: Failing,
): Answered | undefined {
  const bad = own.find(({ answer }) => answer.status !== 200);
  const rounds = bad ? (failing.get(key) ?? 0) + 1 : 0;
  failing.set(key, waitedMs() > patience.settleMs ? rounds : 0);
  if (bad && isBroken(bad.answer.status, rounds, waitedMs(), patience)) throw broken(bad, all);
  return bad;
}

const broken = (wrong: Answered, round: readonly Answered[]): ApplicationFailure =>
  ApplicationFailure.nonRetryable(formatWrong(wrong, round), 'ModuleBroken');

/** A wrong answer of a round, as a sentence or two. */
export function formatWrong({ url, answer }: Answered, round: readonly Answered[]): string {
  const said = answer.status === null ? 'nothing' : `HTTP ${answer.status}`;
  const silent = silentAddress(round);
  const node = silent === undefined ? '' : ` The node ${silent} answers nobody, while others do.`;
  return `${url} answered ${said}: ${JSON.stringify(answer.text.slice(0, 200))}.${explainAnswer(answer)}${node}`;
}
