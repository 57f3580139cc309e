/** The platform publishes a whole factory of applications at the same moment. Only `npm run chaos` has the time for it. */
import type { OperationReport } from '../../../local/platform-server/publishing';
import type { Traffic } from '../../../local/traffic/traffic';
import { startOwnStack, type OwnStack } from './own-stack';

const names = Array.from({ length: 20 }, (_, index) => `Factory${String.fromCodePoint(65 + index)}`);

let own: OwnStack;
let traffic: Traffic | undefined;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10 });
}, 300_000);
afterAll(async () => {
  await traffic?.stop().catch(() => undefined);
  await own.closeHealthy(names);
});

test('twenty applications published at once lose no request, and each has one right answer', async () => {
  const { hasten, enterPlatform, outcomesOf, resultFiles, successesOf } =
    await import('../e2e/platform-application.js');
  const { publish } = await import('../../../local/platform-server/publishing.js');
  await prepare(hasten);
  const reports = await Promise.all(
    names.map(async (application) => await publish(await enterPlatform(), { application })),
  );
  expect(reports.map(failureOf)).toEqual(names.map(() => null));
  for (const report of reports) {
    expect((await outcomesOf(report)).map(({ answered }) => answered)).toEqual(['success', 'success']);
    expect(resultFiles(report.key)).toEqual(successesOf([report]));
  }
  for (const name of names) await traffic?.expect(name, [{ servedBy: 'container', version: '1.1' }]);
  const { sent } = (await traffic?.report()) ?? { sent: 0 };
  while (((await traffic?.report())?.sent ?? 0) < sent + 200) await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await traffic?.stop())?.failures).toEqual([]);
  traffic = undefined;
}, 900_000);

const failureOf = ({ message, warnings }: OperationReport) => message ?? warnings[0] ?? null;

/** All are installed on the Platform Server, one replica each, and asked from now on. */
async function prepare(hasten: (application: string) => Promise<void>): Promise<void> {
  const { installAndRegister } = await import('../../../local/platform-server/install.js');
  const { changeSettings } = await import('../../../local/stack/settings.js');
  const { startTraffic } = await import('../../../local/traffic/traffic.js');
  const { folder, stack } = own.living;
  await changeSettings(stack().settings, [{ path: ['zones', 'local', 'desiredCount'], value: 1 }]);
  for (const name of names) {
    await installAndRegister(folder, { application: name, modules: [name], version: '1.0' });
    await hasten(name);
  }
  traffic = await startTraffic({
    loadBalancer: stack().loadBalancer,
    applications: names.map((name) => ({ name, modules: [name] })),
    requestsPerSecond: 40,
    streamMs: 800,
  });
  for (const name of names) {
    const allowed = [
      { servedBy: 'platform-server', version: '1.0' },
      { servedBy: 'container', version: '1.1' },
    ];
    await traffic.expect(name, allowed);
  }
}
