/**
 * Everything that deployments in a zone depend on, looked at one after the other from this machine to AWS. What hides the rest
 * comes first; each finding says what to do.
 */
import { trailIdOf } from '../../contract/audit';
import { deploymentIdOf } from '../../contract/ids';
import { finding } from '../../contract/questions';
import { turnsIdOf } from '../../contract/turns';
import type { Finding } from '../../planning/doctor';
import { settingsFile } from '../../settings/file';
import { loadSettings } from '../../settings/load';
import { temporalConfiguration } from '../../temporal/configuration';
import { connectDeployments, type Deployments } from '../deployments';
import type { CommonOptions } from '../options';
import { chosenZone } from '../target';
import { examineGlasses, examineTrail } from './audit';
import { checkListener } from './hook-listener';
import { checkTemporal } from './temporal';

/**
 * Stops where nothing behind can be seen any more.
 * @throws {InvalidSettings} when the settings can't be used
 * @throws {Refused} when the zone isn't known, Temporal can't be reached, or no worker answers
 */
export async function diagnose(options: CommonOptions & { readonly tryInlineFlags?: boolean }): Promise<Finding[]> {
  const file = settingsFile(options.settings);
  const settings = loadSettings(file);
  const zone = chosenZone(options, settings);
  const says = `${file} is valid; zone ${zone}, ${Object.keys(settings.applications).length} applications`;
  const configuration = await temporalConfiguration(settings.temporal);
  const deployments = await connectDeployments(configuration);
  try {
    const outside = [
      finding({ check: 'settings', state: 'ok', says }),
      ...(await checkTemporal(configuration, settings.zones[zone]?.ownWorkers ? zone : undefined)),
      ...examineStuck(await deployments.stuck(workflowsOf(zone, Object.keys(settings.applications)))),
    ];
    // Who is stuck keeps no worker from answering for the zone.
    if (outside.some(({ state, check }) => state === 'error' && check !== stuckCheck)) return outside;
    const inZone = await deployments.ask({
      kind: 'doctor',
      zone,
      ...(options.tryInlineFlags && { tryInlineFlags: true }),
    });
    // Without folders no call of the platform could be answered.
    const listener = settings.zones[zone]?.folders ? [await checkListener(settings.hooks)] : [];
    const records = [
      ...examineTrail(zone, settings.audit && (await deployments.auditTrail(zone))),
      ...examineGlasses(await deployments.glasses(zone)),
    ];
    return [...outside, ...(await explainLeftovers(deployments, zone, inZone)), ...records, ...listener];
  } finally {
    await deployments.close();
  }
}

const stuckCheck = 'stuck runs';

const examineStuck = (texts: readonly string[]): Finding[] =>
  texts.map((says) => finding({ check: stuckCheck, state: 'error', says }));

/** What a zone's deployments depend on. */
const workflowsOf = (zone: string, applications: readonly string[]) => [
  ...applications.map((application) => deploymentIdOf({ zone, application })),
  turnsIdOf(zone),
  trailIdOf(zone),
];

/** What looks like a leftover while a deployment runs is that deployment's work. */
async function explainLeftovers(
  deployments: Deployments,
  zone: string,
  findings: readonly Finding[],
): Promise<Finding[]> {
  return await Promise.all(
    findings.map(async (one) => {
      if (one.check !== 'leftovers' || one.application === null) return one;
      const target = { zone, application: one.application };
      const running = await deployments.running(target);
      return running ? { ...one, state: 'ok' as const, next: `${deploymentIdOf(target)} is at work.` } : one;
    }),
  );
}
