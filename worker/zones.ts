/**
 * Zones with workers of their own, such as in another network or account: whoever else is given their work says so, and it is asked
 * for again where they are.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { parseDeploymentId, servedApart, taskQueues, type WorkerKind } from '../contract/ids';
import type { Settings } from '../settings/schema';

/** The zones that have workers of their own. */
export const zonesApart = ({ zones }: Pick<Settings, 'zones'>): string[] =>
  Object.entries(zones).flatMap(([name, { ownWorkers }]) => (ownWorkers ? [name] : []));

/**
 * The kinds of work that a process takes.
 * @param zones for which it takes it alone; default those without workers of their own
 * @throws {Error} with one sentence when it would take nothing, or what nobody asks for there
 */
export function checkZones(
  settings: Pick<Settings, 'zones'>,
  kinds: readonly WorkerKind[] | undefined,
  zones: readonly string[] | undefined,
): readonly WorkerKind[] {
  const all = Object.keys(taskQueues) as WorkerKind[];
  if (zones === undefined) return kinds ?? all;
  const unknown = zones.find((zone) => !Object.hasOwn(settings.zones, zone));
  if (unknown !== undefined)
    throw new Error(
      `There is no zone ${unknown} in the settings, which know ${Object.keys(settings.zones).join(', ')}.`,
    );
  const shared = zones.find((zone) => settings.zones[zone]?.ownWorkers !== true);
  if (shared !== undefined)
    throw new Error(`Zone ${shared} has no workers of its own: set zones.${shared}.ownWorkers to true first.`);
  const taken = (kinds ?? all).filter((kind) => kind !== 'workflows');
  if (kinds?.includes('workflows'))
    throw new Error('Workflows belong to no zone: a worker without --zones takes them.');
  return taken;
}

/** Hands on what belongs to a zone with workers of its own. For workers that serve the others. */
export const handsOn =
  (settings: () => Pick<Settings, 'zones'>): ActivityInterceptorsFactory =>
  ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const { zones } = settings();
        const zone = zoneOfActivity(info.workflowExecution?.workflowId ?? '', input.args, Object.keys(zones));
        if (zone === undefined || zones[zone]?.ownWorkers !== true) return await next(input);
        throw ApplicationFailure.create({
          type: servedApart,
          nonRetryable: true,
          details: [zone],
          message: `Zone ${zone} has workers of its own, which do this.`,
        });
      },
    },
  });

/** The zone whose work this is: the workflow's ID names it, or what the activity is given. */
export function zoneOfActivity(
  workflowId: string,
  given: readonly unknown[],
  known: readonly string[],
): string | undefined {
  const { zone } = parseDeploymentId(workflowId.replace(/^(audit|news|countersign|warm)\/|^turns:/, ''));
  const named = given.flatMap((one) => {
    if (typeof one === 'string') return [one];
    const own = one !== null && typeof one === 'object' && 'zone' in one ? one.zone : undefined;
    return typeof own === 'string' ? [own] : [];
  });
  return [zone, ...named].find((name) => known.includes(name));
}
