/** Plans what an operation starts: from the settings and from what is live. Writes nothing. */
import { ApplicationFailure } from '@temporalio/common';
import { blueOf, servingOf, recordedName, type Serving } from '../../planning/observed/blue';
import { refuseTimes, type PlatformClock } from '../../planning/plans/platform-clock';
import { planTaskDefinition } from '../../planning/release/task-definitions';
import { pin, withoutRegistry } from '../../planning/release/image-reference';
import { releaseLabels } from '../../planning/release/release';
import { resolveRunbookOptions, type RunbookOptions } from '../../settings/runbook';
import type { PlatformApplication } from '../../contract/runbook-requests';
import { type BuiltRelease, type HookMethod, type HookCallRequest, hookMethods } from '../../contract/hook-calls';
import { describeRelease } from '../aws/ecr/images';
import { describeListener } from '../aws/elb/listener-rules';
import { resolveApplication } from '../aws/plans/applications';
import { observeSlots, refusing, type PlanDependencies } from '../aws/plans/observe';
import { registerTaskDefinition } from '../aws/ecs/task-definitions';
import type { BuiltImage } from '../builders/index';

/** The input that every runbook takes from a hook. */
export interface HookedInput {
  readonly application: PlatformApplication;
  readonly by: string;
  readonly reason: string;
  readonly approval: NonNullable<RunbookOptions['approval']>;
  readonly onFailure: NonNullable<RunbookOptions['onFailure']>;
  readonly deadline?: string;
  readonly commits?: 'afterBake' | 'afterProof';
}

/** What an operation starts. */
export interface HookDeploymentPlan {
  /** The workflow ID of the deployment, which is the application's lock: under the name that its rules' tags record. */
  readonly lock: string;
  readonly live: Serving;
  readonly strategy: 'blueGreen' | 'rollingUpdate';
  readonly input: HookedInput;
  readonly atOnce: number;
}

/**
 * Effect: none.
 * Errors: `InvalidRequest` when something stands in the way, with a sentence that says what.
 */
export async function planOperation(
  { settings, clientsOf }: PlanDependencies,
  method: HookMethod,
  request: HookCallRequest,
  clock: PlatformClock | null,
): Promise<HookDeploymentPlan> {
  const { zone: zoneName, applicationName: name, applicationKey, operationId } = request;
  const given = { name, key: applicationKey };
  const { identity, zone, application } = resolveApplication(settings(), `${zoneName}/${name}`, given);
  const clients = clientsOf(zone);
  const { rules, ...listener } = await describeListener(clients.elb, zone.listener);
  const earlierName = recordedName(identity, rules);
  const slots = await observeSlots(clients, zone.cluster, identity, rules);
  const live = servingOf(await refusing(() => Promise.resolve(blueOf(identity, { ...listener, rules }, slots))));
  const settled = resolveRunbookOptions(application.deployment, zone.deployment);
  const said = { ...zone.deployment, ...application.deployment };
  const fromPlatformServer = live.servedBy === 'platform-server';
  const renamed = earlierName !== undefined;
  const commits = fromPlatformServer ? 'afterBake' : zone.answerUpdates;
  const waits = clock !== null;
  if (waits) await refusing(() => Promise.resolve(refuseTimes(settled, clock, commits)));
  return {
    lock: `${zoneName}/${renamed && method !== 'ContainerRemove' ? earlierName : name}`,
    live,
    strategy: live.slot === null || renamed ? 'blueGreen' : settled.strategy,
    atOnce: zone.deploymentsAtOnce,
    input: {
      application: given,
      by: 'the OutSystems platform',
      reason: `${hookMethods[method].step}, operation ${operationId}`,
      // Nobody watches a publish: people are asked only where the settings say so.
      approval: said.approval ?? 'none',
      onFailure: said.onFailure ?? (waits ? 'rollback' : 'hold'),
      ...(waits && { deadline: clock.deadline, commits }),
    },
  };
}

/**
 * The image that Container Build made, pinned, with its task definition: what is wrong with that is told before the platform
 * changes the database.
 * Effect: at most one RegisterTaskDefinition.
 * Errors: `InvalidRequest` when the registry doesn't have the image.
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
  const taskDefinitionArn = await registerTaskDefinition(clientsOf(zone).ecs, {
    ...definition,
    containerDefinitions: (definition.containerDefinitions ?? []).map(({ dockerLabels = {}, ...container }) => {
      // Only what was deployed is a release: without the image's name it isn't told as one.
      const { [releaseLabels.image]: _, ...labels } = dockerLabels;
      return { ...container, dockerLabels: { ...labels, [preparedLabel]: request.operationId } };
    }),
  });
  // People read it: the zone's own registry goes without saying.
  const image = pin(withoutRegistry(built.image, zone.registry ?? ''), release.digest);
  return { image, modules, taskDefinitionArn };
}

/** The operation that a task definition was prepared for. */
const preparedLabel = 'io.cutover.prepared';

/** What Container Build of the same operation made. Errors: `InvalidRequest` when it made nothing. */
export function builtRelease(result: unknown, { operationId }: HookCallRequest): BuiltRelease {
  const { built } = (result ?? {}) as { readonly built?: BuiltRelease | null };
  if (built) return built;
  throw ApplicationFailure.nonRetryable(
    `There is no image of operation ${operationId}: its Container Build did not succeed here. Publish the application again.`,
    'InvalidRequest',
  );
}
