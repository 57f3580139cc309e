/**
 * Whatever is killed, and whenever: no request is lost, and the deployment ends as it would have. `npm test` draws two of all
 * combinations; `npm run chaos` (CHAOS=all) runs each one, and fails when a phase was never hit. CHAOS=TEXT runs those whose
 * name has it, e.g. `CHAOS="blueGreen, hold"`.
 */
import type { Client } from '@temporalio/client';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEntry } from '../../../contract/audit';
import { changeSettings } from '../../../local/stack/settings';
import { seededRandom } from '../../../packages/local-aws/src/faults/random';
import type { LiveApplication } from '../e2e/live-application';
import type { DeploymentStatus } from '../../../contract/status';
import { container, endingAfter, platformServer, runbooks, type ChaosRunbook, type Serving } from './runbooks';
import { drawn, drawSeed as seed } from '../../drawn';
import { startOwnStack, type OwnStack } from './own-stack';
import type { Scenario } from './scenario';

const chosen = process.env['CHAOS'];
const all = chosen === 'all';

let own: OwnStack | undefined;
let application: LiveApplication;
let temporal: Client;
let live: Serving = platformServer;
const hits = new Set<string>();
/** At once: a long run is followed, and one that is ended early has told what it saw. */
const say = (line: string) => void process.stdout.write(`${line}\n`);

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10 });
  const { folder, stack } = own.living;
  const value = { kind: 'file', folder: join(folder, 'audit') };
  await changeSettings(stack().settings, [{ path: ['audit'], value }]);
  application = await own.living.liveApplication('Chaos', ['Chaos', 'ChaosAPI']);
  temporal = await own.living.stackTemporal();
  await application.traffic.expect('Chaos', [platformServer, container('1.1')]);
  await intoContainers('1.1');
  say(`Chaos with seed ${seed}; CHAOS_SEED=${seed} repeats it.`);
}, 300_000);

afterAll(() => own?.close());

/** From the Platform Server, without a crash. */
async function intoContainers(version: string): Promise<void> {
  await application.traffic.expect('Chaos', [live, container(version)]);
  await application.ended(await application.deploy({ version }));
  live = container(version);
}

async function scenarios(): Promise<Scenario[]> {
  const { crashes } = await import('./crashes.js');
  const every = runbooks.flatMap((runbook) =>
    runbook.phases.flatMap((phase) =>
      crashes.filter(({ fits }) => fits(phase)).map((crash) => ({ runbook, phase, crash })),
    ),
  );
  if (all) return every;
  return chosen === undefined
    ? drawn(every, 2, seededRandom(seed))
    : every.filter((scenario) => nameOf(scenario).includes(chosen));
}

const nameOf = ({ runbook, phase, crash }: Scenario) => `${runbook.strategy}, ${phase}, ${crash.name}`;

let runs = 0;

async function expectSurvival(scenario: Scenario): Promise<void> {
  const { survive } = await import('./scenario.js');
  const { runbook, phase } = scenario;
  const version = `2.${++runs}`;
  const { before, after } = await runbook.prepare(application, live, version);
  await application.traffic.expect('Chaos', [before, after]);
  const greeting = await greetingNow(runbook);
  const { hit, status, wentOnAfterMs } = await survive(temporal, scenario, {
    application,
    phase,
    before,
    after,
    version,
  });
  const name = nameOf(scenario);
  say(`${name.padEnd(55)} ${wentOnAfterMs === null ? 'nothing was left to do' : `went on after ${wentOnAfterMs} ms`}`);
  if (hit) hits.add(`${runbook.strategy} ${phase}`);
  expect({ name, hit, outcome: status.outcome }).toEqual({ name, hit: true, outcome: endingAfter(phase) });
  live = status.outcome === 'completed' ? after : before;
  await expectServing(status);
  const updated = status.outcome === 'completed' ? version : greeting;
  if (greeting !== undefined) expect(await greetingNow(runbook)).toBe(updated);
  if (live.servedBy === 'platform-server') await intoContainers(`3.${runs}`);
}

/** What the App.config says that serves, where that is what changes. */
const greetingNow = async ({ strategy }: ChaosRunbook) =>
  strategy === 'updateConfiguration' ? ((await own?.living.greetingOf(application)) ?? '') : undefined;

/** The one that should, wholly, and with nothing left over. */
async function expectServing(status: DeploymentStatus): Promise<void> {
  expect(status.live).toMatchObject({ servedBy: live.servedBy, ...(live.servedBy === 'container' && live) });
  await application.traffic.expect('Chaos', [live]);
  const { desiredCounts, ...rules } = await application.onAws();
  const inContainers = live.servedBy === 'container';
  expect(rules).toEqual({ liveRules: inContainers ? 1 : 0, testRules: 0 });
  expect(desiredCounts.filter((count) => count > 0)).toEqual(inContainers ? [2] : []);
  expect((await application.traffic.report()).failures).toEqual([]);
}

test(
  chosen === undefined ? `two crashes drawn with seed ${seed} are survived` : `crashes are survived: ${chosen}`,
  async () => {
    for (const scenario of await scenarios()) await expectSurvival(scenario);
  },
  chosen === undefined ? 300_000 : 5 * 3_600_000,
);

test('the audit trail is whole: no line is lost and none counts twice, whoever died as it was written', async () => {
  const { deployments, target } = application;
  const { zone } = target;
  const trail = async () => await deployments.auditTrail(zone);
  while ((await trail())?.waiting !== 0) await sleep(100);
  const head = (await trail())?.head ?? undefined;
  expect(await deployments.ask({ kind: 'audit', zone, head, final: true })).toMatchObject({ zone, head, findings: [] });
  const text = readFileSync(join(own?.living.folder ?? '', 'audit', `${zone}.jsonl`), 'utf8');
  const lines = new Set(text.split('\n').filter((line) => line !== ''));
  const entries = [...lines].map((line) => JSON.parse(line) as AuditEntry);
  for (const run of new Set(entries.map((entry) => entry.run))) {
    const its = entries.filter((entry) => entry.run === run);
    expect(its.map(({ number }) => number)).toEqual(its.map((_, at) => at + 1));
    expect([its[0]?.event, its.at(-1)?.event]).toEqual(['start', 'end']);
  }
});

if (all)
  test('every phase of every runbook was hit', () => {
    const wanted = runbooks.flatMap(({ strategy, phases }) => phases.map((phase) => `${strategy} ${phase}`));
    expect([...hits].toSorted()).toEqual(wanted.toSorted());
  });
