/** What Container Build leaves to Container Run: an image that can be deployed, with a task definition that AWS took. */
import { ApplicationFailure } from '@temporalio/common';
import { pin, withoutRegistry } from '../../planning/release/image-reference';
import { releaseLabels } from '../../planning/release/release';
import { planTaskDefinition, type TaskDefinition } from '../../planning/release/task-definitions';
import { hookCallIdOf, type BuiltRelease, type HookCallRequest } from '../../contract/hook-calls';
import { describeRelease } from '../aws/ecr/images';
import { registerTaskDefinition } from '../aws/ecs/task-definitions';
import { resolveApplication } from '../aws/plans/applications';
import type { PlanDependencies } from '../aws/plans/runbook-plan';
import type { BuiltImage } from '../builders/index';
import { poll } from '../polling';
import type { HookCallDirectory } from './turn';

/**
 * The image that Container Build made, pinned, with its task definition: what is wrong with that shows before the platform
 * changes the database.
 * Effect: at most one RegisterTaskDefinition.
 * @throws {ApplicationFailure} of type `InvalidRequest` when the registry doesn't have the image
 */
export async function prepareRelease(
  { settings, clientsOf }: PlanDependencies,
  request: HookCallRequest,
  built: BuiltImage,
  runId: string,
): Promise<BuiltRelease> {
  const given = { name: request.applicationName, key: request.applicationKey };
  const { identity, zone } = resolveApplication(settings(), `${request.zone}/${given.name}`, given);
  const modules = request.modules ?? built.modules;
  const named = built.digest === null ? built.image : pin(built.image, built.digest);
  const release = await describeRelease(clientsOf, named, zone, { asked: modules });
  const record = { runId, strategy: 'containerBuild', by: null, reason: null, previous: null };
  const definition = planTaskDefinition(identity, release, zone, record);
  const prepared = preparedFor(request.operationId, definition);
  const taskDefinitionArn = await registerTaskDefinition(clientsOf(zone).ecs, prepared);
  // People read it: the zone's own registry goes without saying.
  const image = pin(withoutRegistry(built.image, zone.registry ?? ''), release.digest);
  return { image, modules, taskDefinitionArn };
}

/** The operation that a task definition was prepared for. */
const preparedLabel = 'io.cutover.prepared';

/** Only what was deployed is a release: without the image's name no history lists it as one. */
function preparedFor(operationId: string, definition: TaskDefinition): TaskDefinition {
  const containers = definition.containerDefinitions ?? [];
  return {
    ...definition,
    containerDefinitions: containers.map(({ dockerLabels = {}, ...container }) => {
      const { [releaseLabels.image]: _, ...labels } = dockerLabels;
      return { ...container, dockerLabels: { ...labels, [preparedLabel]: operationId } };
    }),
  };
}

/** Milliseconds between two looks at a build that isn't over. */
const lookAgainMs = 500;

/**
 * What Container Build of the same operation made. The platform calls as soon as it finds the build's answer, and that is in the
 * folder before the build's workflow is over: one that still runs is waited for.
 * @throws {ApplicationFailure} of type `InvalidRequest` when it made nothing
 */
export async function describeBuilt(
  calls: Pick<HookCallDirectory, 'ended'>,
  request: HookCallRequest,
): Promise<BuiltRelease> {
  const id = hookCallIdOf('ContainerBuild', request);
  const { result } = await poll(() => calls.ended(id), { everyMs: lookAgainMs });
  const { built } = (result ?? {}) as { readonly built?: BuiltRelease | null };
  if (built) return built;
  throw ApplicationFailure.nonRetryable(
    `There is no image of operation ${request.operationId}: its Container Build did not succeed here. Publish the application again.`,
    'InvalidRequest',
  );
}
