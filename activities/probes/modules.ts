/** Whether every module answers its health request: before it gets traffic, and while replicas change behind it. */
import { ApplicationFailure } from '@temporalio/common';
import { explainAnswer, type ProbeAnswer } from '../../planning/proof/answers';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { poll, waitedMs } from '../polling';
import { askAll, healthPage, roundsNeeded } from './rounds';

export const moduleProbes = (pollMs: number) => ({
  /**
   * Returns when every module has answered its health request three times in a row.
   * @throws {ApplicationFailure} of type `ModuleBroken`, with URL, status and first bytes, when a module still answers wrongly, or
   * not at all, after the route has reached every node of the load balancer
   */
  async verifyModules(
    route: RouteAddress,
    paths: readonly string[],
    { settleMs }: { readonly settleMs: number },
  ): Promise<void> {
    const streaks = new Map(paths.map((path) => [path, 0]));
    await poll(
      async (report) => {
        const answers = await askAll(route, [...streaks.keys()], healthPage);
        for (const { path, url, answer } of answers) {
          const good = answer.status === 200;
          streaks.set(path, good ? (streaks.get(path) ?? 0) + 1 : 0);
          if (!good && waitedMs() > settleMs + patienceMs) throw broken(url, answer);
        }
        const done = [...streaks.values()].filter((streak) => streak >= roundsNeeded).length;
        report(`${done} of ${streaks.size} modules answered three times in a row`);
        return done === streaks.size ? true : undefined;
      },
      { everyMs: pollMs },
    );
  },

  /**
   * Never returns by itself: asks every path again and again while replicas change behind it.
   * @throws {ApplicationFailure} of type `ModuleBroken` at the first wrong answer, and when a path gave none twice in a row
   */
  async watchModules(route: RouteAddress, paths: readonly string[]): Promise<void> {
    let silent = new Set<string>();
    await poll(
      async () => {
        const answers = await askAll(route, paths, healthPage);
        const bad = answers.find(
          ({ url, answer: { status } }) => status !== 200 && (status !== null || silent.has(url)),
        );
        if (bad) throw broken(bad.url, bad.answer);
        silent = new Set(answers.filter(({ answer }) => answer.status === null).map(({ url }) => url));
        return undefined;
      },
      { everyMs: pollMs },
    );
  },
});

/** How long a module may answer wrongly, or not at all, after its replicas are healthy and its route is everywhere. */
const patienceMs = 5_000;

const broken = (url: string, answer: ProbeAnswer) =>
  ApplicationFailure.nonRetryable(
    `${url} answered ${answer.status === null ? 'nothing' : `HTTP ${answer.status}`}: ${JSON.stringify(answer.text.slice(0, 200))}.${explainAnswer(answer)}`,
    'ModuleBroken',
  );
