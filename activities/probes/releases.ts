/** Which release answers for each module: every module of an image has a release marker. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { releaseMarker } from '../../planning/release/release';
import { heartbeating, poll, waitedMs } from '../polling';
import type { ProbeAnswer } from './http';
import { askAll, healthPage } from './rounds';

/** The release marker that each path answers, e.g. `/Orders`; `null` where there is none. */
export type Releases = Readonly<Record<string, string | null>>;

/** What answered on the live route and on the test route before traffic moved, and which of the two must answer now. */
export interface ExpectedReleases {
  readonly blue: Releases;
  readonly green: Releases;
  readonly expected: 'blue' | 'green';
}

export const releaseProbes = (pollMs: number) => ({
  /** Which release answers for each module on a route now. */
  async describeReleases(route: RouteAddress, paths: readonly string[]): Promise<Releases> {
    const answers = await heartbeating(() => askAll(route, paths, releaseMarker));
    return Object.fromEntries(answers.map(({ path, answer }) => [path, markerOf(answer)]));
  },

  /**
   * Returns when every module, asked ten times on new connections through every address, was answered by the expected side only.
   * A module whose two releases have the same marker, or none, must answer its health request instead.
   * @throws {ApplicationFailure} of type `NotProven` when another release still answers after two minutes
   */
  async proveReleases(route: RouteAddress, releases: ExpectedReleases): Promise<void> {
    let rounds = 0;
    await poll(
      async () => {
        const wrong = await firstWrong(route, releases);
        rounds = wrong === undefined ? rounds + 1 : 0;
        if (wrong !== undefined && waitedMs() > proofTimeoutMs) throw notProven(wrong);
        return rounds >= proofsNeeded ? true : undefined;
      },
      { everyMs: Math.ceil(pollMs / 5) },
    );
  },
});

/** How many rounds in a row the expected side must answer alone. */
const proofsNeeded = 10;
const proofTimeoutMs = 120_000;

const markerOf = ({ status, text }: ProbeAnswer) => (status === 200 ? text.trim() : null);

/** The first wrong answer, as text: from the other side, or none at all; `undefined` when every answer is right. */
async function firstWrong(
  route: RouteAddress,
  { blue, green, expected }: ExpectedReleases,
): Promise<string | undefined> {
  const distinct = (path: string) => green[path] !== null && green[path] !== blue[path];
  const paths = Object.keys(green);
  const marked = await askAll(route, paths.filter(distinct), releaseMarker);
  const wrong = marked.find(({ path, answer }) => (markerOf(answer) === green[path]) !== (expected === 'green'));
  const unmarked = await askAll(
    route,
    paths.filter((path) => !distinct(path)),
    healthPage,
  );
  const silent = expected === 'green' ? unmarked.find(({ answer }) => answer.status !== 200) : undefined;
  const found = wrong ?? silent;
  return found && `${found.url} answered ${found.answer.status ?? 'nothing'}: ${found.answer.text}`;
}

const notProven = (wrong: string) =>
  ApplicationFailure.nonRetryable(
    `Live traffic does not reach only the expected release: ${wrong} (attempt ${Context.current().info.attempt}).`,
    'NotProven',
  );
