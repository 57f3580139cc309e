/** What the Platform Server does with an application that leaves its containers: it serves every module, or has none of them. */
import { ApplicationFailure } from '@temporalio/common';
import { roundsToAnswer } from '../../planning/proof/warming';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { poll, waitedMs } from '../polling';
import { everyMs } from './pace';
import { healthPage, roundsOf, type Answered } from './rounds';

export const handoverProbes = {
  /**
   * Returns `back` when every path has answered its health request three times in a row, and `gone` when every path was answered
   * with 404, every time, for the whole `removeAfter` (milliseconds). Anything else decides nothing: it is asked again.
   * @param removeAfter `null` to wait for `back`, however long that takes
   * @throws {ApplicationFailure} of type `NoAnswer`, with the last answer, when it was neither for a quarter of an hour longer
   * than `removeAfter`
   */
  async waitForHandover(
    route: RouteAddress,
    paths: readonly string[],
    { removeAfter }: { readonly removeAfter: number | null },
  ): Promise<'back' | 'gone'> {
    const rounds = roundsOf(route);
    let good = 0;
    let goneSince: number | undefined;
    return await poll(
      async () => {
        const answers = await rounds.ask(paths, healthPage);
        const all = (status: number) => answers.length > 0 && answers.every(({ answer }) => answer.status === status);
        good = all(200) ? good + 1 : 0;
        goneSince = all(404) ? (goneSince ?? performance.now()) : undefined;
        if (good >= roundsToAnswer) return 'back';
        if (removeAfter === null) return undefined;
        if (goneSince !== undefined && performance.now() - goneSince >= removeAfter) return 'gone';
        const other = answers.find(({ answer }) => answer.status !== 200) ?? answers[0];
        if (waitedMs() > removeAfter + patienceMs && goneSince === undefined) throw noAnswer(other);
        return undefined;
      },
      { everyMs: everyMs(route, removeAfter === null ? 'watch' : 'verify') },
    );
  },
};

/** How long a Platform Server may give no clear answer. */
const patienceMs = 15 * 60_000;

const noAnswer = (answered: Answered | undefined) =>
  ApplicationFailure.nonRetryable(
    `The Platform Server neither serves every module nor says that there is none: ${answered?.url} answered ${answered?.answer.status ?? 'nothing'} through the test route. The containers serve on; mend the Platform Server, then retry.`,
    'NoAnswer',
  );
