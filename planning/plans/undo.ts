/**
 * Which release an undo brings back: the one that served before, as what serves now records it. How it comes back is then
 * planned as any deployment is.
 */
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import type { ZoneSettings } from '../../settings/schema';
import { containerDefaults } from '../../settings/tasks/task-definition';
import { blueOf, type SlotBlue } from '../observed/blue';
import type { ObservedApplication } from '../observed/observed';
import type { ApplicationIdentity } from '../names';
import { Refusal } from '../refusal';
import { digestOf, versionOf } from '../release/image-reference';
import { recordIn, releaseIn, type Release } from '../release/release';

/** @throws {Refusal} when no slot serves */
export function findUndoable(
  application: ApplicationIdentity,
  { liveListener, slots }: Pick<ObservedApplication, 'liveListener' | 'slots'>,
): SlotBlue {
  const blue = blueOf(application, liveListener, slots);
  if (blue.kind === 'slot') return blue;
  throw new Refusal(`${application.name} is served by the Platform Server: there is no release in containers to undo.`);
}

/** What is recorded of how blue came to serve. */
export interface BlueRecord {
  /** Its task definition; `undefined` when that can't be read. */
  readonly taskDefinition: TaskDefinition | undefined;
  /** What served before it, where an undo brought it back as it was: the ARN of a task definition, or empty. */
  readonly returnedAfter: string | undefined;
}

/**
 * The ARN of the task definition that served before.
 * @throws {Refusal} when none did
 */
export function findPrevious(
  { name }: ApplicationIdentity,
  blue: SlotBlue,
  { taskDefinition, returnedAfter }: BlueRecord,
): string {
  const previous = returnedAfter ?? recordIn(taskDefinition).previous;
  if (previous !== null && previous !== '') return previous;
  throw new Refusal(
    `There is no release of ${name} before ${nameOf(blue)}: deploy the image that should serve, or give the application back with "cutover remove".`,
  );
}

/**
 * The release of the task definition that served before.
 * @param earlier `undefined` when it can't be read
 * @throws {Refusal} when it records none that could be deployed
 */
export function findEarlierRelease(
  zone: ZoneSettings,
  blue: SlotBlue,
  previous: string,
  earlier: TaskDefinition | undefined,
): { readonly release: Release; readonly earlier: TaskDefinition } {
  const release = earlier && (releaseIn(earlier) ?? adoptedRelease(earlier, zone, blue.release?.modules ?? []));
  if (earlier && release) return { release, earlier };
  throw new Refusal(
    `The release before ${nameOf(blue)}, task definition ${previous}, can't be read any more: deploy the image that should serve.`,
  );
}

const nameOf = ({ release }: SlotBlue) => release?.image ?? 'what serves';

/**
 * What an application was adopted with. It says nothing of its modules: those that serve now are asked for before any traffic
 * moves. `undefined` where it has no container that the zone's load balancer could reach.
 */
function adoptedRelease(
  { containerDefinitions = [] }: TaskDefinition,
  { container }: ZoneSettings,
  modules: readonly string[],
): Release | undefined {
  const [reached, ...others] = containerDefinitions.filter(({ portMappings = [] }) => portMappings.length > 0);
  const named = containerDefinitions.find(({ name }) => name === (container.name ?? containerDefaults.name));
  const image = (named ?? (others.length === 0 ? reached : undefined))?.image;
  if (image === undefined || modules.length === 0) return undefined;
  return { image, reference: image, digest: digestOf(image), version: versionOf(image), modules, configuration: null };
}
