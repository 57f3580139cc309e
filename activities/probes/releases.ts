/** Which release answers for each module: every module of an image has a release marker. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  explainAnswer,
  judgeAnswer,
  releaseAnswerOf,
  tellsReleases,
  type ExpectedReleases,
  type Releases,
} from '../../planning/proof/answers';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { releaseMarker } from '../../planning/release/release';
import { heartbeating, poll, waitedMs } from '../polling';
import { everyMs } from './pace';
import { healthPage, roundsOf, type Answered, type Rounds } from './rounds';

/** Where the answers can prove nothing. */
export interface UnseenReleases {
  /** The paths that let nobody through who has no session, e.g. `/Orders`. */
  readonly guarded: readonly string[];
}

/** Which release answers for each module on a route now. */
async function describeReleases(route: RouteAddress, paths: readonly string[]): Promise<Releases> {
  const answers = await heartbeating(() => roundsOf(route).ask(paths, releaseMarker));
  return Object.fromEntries(answers.map(({ path, answer }) => [path, releaseAnswerOf(answer)]));
}

export const releaseProbes = {
  describeReleases,

  /** As `describeReleases`, on one route after the other. */
  async describeEachReleases(routes: readonly RouteAddress[], paths: readonly string[]): Promise<Releases[]> {
    const found: Releases[] = [];
    for (const route of routes) found.push(await describeReleases(route, paths));
    return found;
  },

  /**
   * Returns when every module, asked ten times on new connections through every address, was answered by the expected side only.
   * A module whose two releases have the same marker, or none, must answer its health request instead. One that a login, which
   * was there before or is planned, keeps from being asked is returned: it must be proven in another way.
   * @throws {ApplicationFailure} of type `NotProven` when another release still answers after two minutes
   */
  async proveReleases(route: RouteAddress, releases: ExpectedReleases): Promise<UnseenReleases> {
    const rounds = roundsOf(route);
    let proven = 0;
    return await poll(
      async () => {
        const judged = await judgeRound(rounds, releases);
        const wrong = judged.find(({ verdict }) => verdict === 'wrong');
        proven = wrong === undefined ? proven + 1 : 0;
        if (wrong !== undefined && waitedMs() > proofTimeoutMs) throw notProven(wrong);
        if (proven < proofsNeeded) return undefined;
        return { guarded: pathsOf(judged.filter(({ verdict }) => verdict === 'guarded')) };
      },
      { everyMs: () => everyMs(route, proven > 0 ? 'again' : 'proof') },
    );
  },
};

/** How many rounds in a row the expected side must answer alone. */
const proofsNeeded = 10;
const proofTimeoutMs = 120_000;

interface Judged extends Answered {
  readonly verdict: ReturnType<typeof judgeAnswer>;
}

async function judgeRound(rounds: Rounds, releases: ExpectedReleases): Promise<Judged[]> {
  const paths = Object.keys(releases.green);
  const telling = paths.filter((path) => tellsReleases(path, releases));
  const others = paths.filter((path) => !telling.includes(path));
  const answers = [...(await rounds.ask(telling, releaseMarker)), ...(await rounds.ask(others, healthPage))];
  return answers.map((answered) => ({ ...answered, verdict: judgeAnswer(answered.path, answered.answer, releases) }));
}

const pathsOf = (answers: readonly Answered[]) => [...new Set(answers.map(({ path }) => path))];

const notProven = ({ url, answer }: Answered) =>
  ApplicationFailure.nonRetryable(
    `Live traffic does not reach only the expected release: ${url} answered ${answer.status ?? 'nothing'}: ${answer.text}${explainAnswer(answer)} (attempt ${Context.current().info.attempt}).`,
    'NotProven',
  );
