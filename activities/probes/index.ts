/** What cutover asks over HTTP, as a browser would: does every module answer, and which release does. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { releaseMarker } from '../../planning/release/release';
import { heartbeating, poll, waitedMs } from '../polling';
import { describeAddresses, probe, type ProbeAnswer } from './http';

/** Every module must answer so often before it counts: the first answers warm it up. */
const answersNeeded = 3;
/** How often every module is asked on every address for the proof. */
const proofsNeeded = 10;
const proofTimeoutMs = 120_000;

/** The release marker that each path answers, e.g. `/Orders`; `null` where there is none. */
export type Releases = Readonly<Record<string, string | null>>;

export interface Proof {
  readonly blue: Releases;
  readonly green: Releases;
  readonly expected: 'blue' | 'green';
}

export type ProbeActivities = ReturnType<typeof probeActivities>;

/** @param pollMs between two rounds of questions; default 500 ms */
export function probeActivities({ pollMs = 500 }: { readonly pollMs?: number } = {}) {
  return {
    /**
     * Returns when every module answered its health request three times in a row.
     * Errors: `ModuleBroken` when one still answers wrongly, or not at all, once the route has reached every node of the load
     * balancer: its URL, status and first bytes.
     */
    async verifyModules(
      route: RouteAddress,
      paths: readonly string[],
      { settleMs }: { readonly settleMs: number },
    ): Promise<void> {
      const streak = new Map(paths.map((path) => [path, 0]));
      await poll(
        async (tell) => {
          const answers = await askAll(route, [...streak.keys()], '_ping.aspx');
          for (const { path, url, answer } of answers) {
            const good = answer.status === 200;
            streak.set(path, good ? (streak.get(path) ?? 0) + 1 : 0);
            if (!good && waitedMs() > settleMs + patienceMs) throw broken(url, answer);
          }
          const done = [...streak.values()].filter((count) => count >= answersNeeded).length;
          tell(`${done} of ${streak.size} modules answered three times in a row`);
          return done === streak.size ? true : undefined;
        },
        { everyMs: pollMs },
      );
    },

    /**
     * Never returns by itself: asks every path again and again while replicas change behind it.
     * Errors: `ModuleBroken` at the first wrong answer, and when a path gave none twice in a row.
     */
    async watchModules(route: RouteAddress, paths: readonly string[]): Promise<void> {
      let silent = new Set<string>();
      await poll(
        async () => {
          const answers = await askAll(route, paths, '_ping.aspx');
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

    /**
     * Returns `back` when every path answered its health request three times in a row, and `gone` when every one was answered
     * 404, every time, for the whole `removeAfter`. Anything else is no answer: it is asked on.
     * Errors: `NoAnswer` when it was neither for a quarter of an hour longer than that, with what was answered last.
     */
    async waitForHandover(
      route: RouteAddress,
      paths: readonly string[],
      { removeAfter }: { readonly removeAfter: number },
    ): Promise<'back' | 'gone'> {
      let good = 0;
      let goneSince: number | undefined;
      return await poll(
        async () => {
          const answers = await askAll(route, paths, '_ping.aspx');
          const all = (status: number) => answers.length > 0 && answers.every(({ answer }) => answer.status === status);
          good = all(200) ? good + 1 : 0;
          goneSince = all(404) ? (goneSince ?? Date.now()) : undefined;
          if (good >= answersNeeded) return 'back';
          if (goneSince !== undefined && Date.now() - goneSince >= removeAfter) return 'gone';
          const other = answers.find(({ answer }) => answer.status !== 200) ?? answers[0];
          if (waitedMs() > removeAfter + handoverTimeoutMs && goneSince === undefined) throw noAnswer(other);
          return undefined;
        },
        { everyMs: pollMs },
      );
    },

    /** Which release answers for each module on a route now. */
    async describeReleases(route: RouteAddress, paths: readonly string[]): Promise<Releases> {
      const answers = await heartbeating(() => askAll(route, paths, releaseMarker));
      return Object.fromEntries(answers.map(({ path, answer }) => [path, markerOf(answer)]));
    },

    /**
     * Returns when every module, asked ten times on new connections through every address, was answered by the expected
     * side only. A module whose two releases bear the same marker, or none, must answer its health request instead.
     * Errors: `NotProven` when somebody else still answers after two minutes.
     */
    async proveReleases(route: RouteAddress, proof: Proof): Promise<void> {
      let rounds = 0;
      await poll(
        async () => {
          const wrong = await firstWrong(route, proof);
          rounds = wrong === undefined ? rounds + 1 : 0;
          if (wrong !== undefined && waitedMs() > proofTimeoutMs) throw notProven(wrong);
          return rounds >= proofsNeeded ? true : undefined;
        },
        { everyMs: Math.ceil(pollMs / 5) },
      );
    },
  };
}

/** How long a Platform Server may give no clear answer. */
const handoverTimeoutMs = 15 * 60_000;

/** How long a module may answer wrongly, or not at all, after its replicas are healthy and its route is everywhere. */
const patienceMs = 5_000;

interface Asked {
  readonly path: string;
  readonly url: string;
  readonly answer: ProbeAnswer;
}

async function askAll(route: RouteAddress, paths: readonly string[], file: string): Promise<Asked[]> {
  const addresses = await describeAddresses(route);
  const questions = addresses.flatMap((address) => paths.map((path) => ({ address, path })));
  return await Promise.all(
    questions.map(async ({ address, path }) => {
      const asked = `${path}/${file}`;
      const url = `${route.protocol.toLowerCase()}://${address}:${route.port}${asked}`;
      return { path, url, answer: await probe(route, address, asked) };
    }),
  );
}

const markerOf = ({ status, text }: ProbeAnswer) => (status === 200 ? text.trim() : null);

/** The first module that the other side answered, or nobody. */
async function firstWrong(route: RouteAddress, { blue, green, expected }: Proof): Promise<string | undefined> {
  const distinct = (path: string) => green[path] !== null && green[path] !== blue[path];
  const paths = Object.keys(green);
  const marked = await askAll(route, paths.filter(distinct), releaseMarker);
  const wrong = marked.find(({ path, answer }) => (markerOf(answer) === green[path]) !== (expected === 'green'));
  const unmarked = await askAll(
    route,
    paths.filter((path) => !distinct(path)),
    '_ping.aspx',
  );
  const silent = expected === 'green' ? unmarked.find(({ answer }) => answer.status !== 200) : undefined;
  const found = wrong ?? silent;
  return found && `${found.url} answered ${found.answer.status ?? 'nothing'}: ${found.answer.text}`;
}

const broken = (url: string, { status, text }: ProbeAnswer) =>
  ApplicationFailure.nonRetryable(
    `${url} answered ${status === null ? 'nothing' : `HTTP ${status}`}: ${JSON.stringify(text.slice(0, 200))}.`,
    'ModuleBroken',
  );

const noAnswer = (asked: Asked | undefined) =>
  ApplicationFailure.nonRetryable(
    `The Platform Server neither serves every module nor says that there is none: ${asked?.url} answered ${asked?.answer.status ?? 'nothing'} through the test route. The containers serve on; mend the Platform Server, then retry.`,
    'NoAnswer',
  );

const notProven = (wrong: string) =>
  ApplicationFailure.nonRetryable(
    `Live traffic does not reach only the expected release: ${wrong} (attempt ${Context.current().info.attempt}).`,
    'NotProven',
  );
