/** What a runbook would do, as things are now: planned as the runbook would, shown, and left at that. */
import { ApplicationFailure } from '@temporalio/common';
import { subnetsOf, type UnservedSubnet } from '../../../planning/findings/availability-zones';
import { nameThrough } from '../../../planning/listeners/others';
import type { LoadBalancerUse } from '../../../planning/preview/budgets';
import { planByStrategy } from '../../../planning/plans/by-strategy';
import type { DeploymentPlan } from '../../../planning/plans/deployment';
import type { PlannableApplication } from '../../../planning/observed/observed';
import { previewDeployment } from '../../../planning/preview/deployment';
import type { DeploymentPreview } from '../../../planning/preview/preview';
import { previewRemoval, previewUnchanged } from '../../../planning/preview/removal';
import type { DeploymentRequest, RunbookRequest } from '../../../contract/runbook-requests';
import type { Runbook } from '../../../contract/status';
import type { PublishedConfiguration } from '../../files/configuration';
import type { AwsClients, ClientsOf } from '../client/clients';
import { describeUnserved } from '../ec2/subnets';
import { describeTaskDefinition } from '../ecs/task-definitions';
import { describeLoadBalancerUse } from '../elb/load-balancers';
import type { KnownApplication } from './applications';
import { configurationPlanner } from './configuration-update';
import { deploymentPlanner } from './deployment';
import { removalPlanner } from './removal';
import { gated, planRequestOf, refusing, type RunbookPlanner } from './runbook-plan';
import { undoPlanner } from './undo';

/** What is previewed: the runbook, with its input. */
export type PreviewRequest = { readonly runId: string } & (
  | {
      readonly runbook: 'deploy';
      readonly input: DeploymentRequest;
      readonly configuration: PublishedConfiguration | null;
    }
  | { readonly runbook: 'undo' | 'removeApplication'; readonly input: RunbookRequest }
  | {
      readonly runbook: 'updateConfiguration';
      readonly input: RunbookRequest;
      readonly configuration: PublishedConfiguration | null;
    }
);

/**
 * Effect: none.
 * @throws {ApplicationFailure} of type `InvalidRequest` when something stands in the way
 */
export const previewRunbook = (
  clientsOf: ClientsOf,
  known: KnownApplication,
  asked: PreviewRequest,
): Promise<DeploymentPreview> => refusing(() => preview(clientsOf, known, asked));

async function preview(
  clientsOf: ClientsOf,
  known: KnownApplication,
  asked: PreviewRequest,
): Promise<DeploymentPreview> {
  const clients = clientsOf(known.zone);
  const planWith = async <Seen, Plan extends object>(
    { read, decide }: RunbookPlanner<Seen, Plan>,
    runbook: Runbook,
    input: RunbookRequest,
  ) => {
    const observed = await read(clientsOf, known);
    const planned = decide(planRequestOf(known, runbook, input, asked.runId), observed);
    return { planned: gated(runbook, known.zone, planned), observed };
  };
  switch (asked.runbook) {
    case 'deploy': {
      const { input, configuration } = asked;
      const planner = deploymentPlanner(input, configuration, planByStrategy);
      const { planned, observed } = await planWith(planner, input.strategy ?? 'blueGreen', input);
      return await previewPlan(clients, known, planned.plan, observed);
    }
    case 'undo': {
      const { planned, observed } = await planWith(undoPlanner, 'undo', asked.input);
      return await previewPlan(clients, known, planned.plan, observed);
    }
    case 'updateConfiguration': {
      const planner = configurationPlanner(asked.configuration);
      const { planned, observed } = await planWith(planner, 'updateConfiguration', asked.input);
      if (planned.strategy === 'none') return previewUnchanged(known.identity, planned);
      return await previewPlan(clients, known, planned.plan, observed);
    }
    case 'removeApplication': {
      const { planned, observed } = await planWith(removalPlanner, 'removeApplication', asked.input);
      return previewRemoval(planned, observed, await describeUses(clients, observed));
    }
  }
}

/** Of each of the zone's load balancers, in the order of its listeners. */
async function describeUses({ elb }: AwsClients, observed: PlannableApplication): Promise<LoadBalancerUse[]> {
  const { others = [] } = observed;
  const beside = others.map(async (other) => ({
    ...(await describeLoadBalancerUse(elb, other)),
    name: nameThrough(other.settings),
  }));
  return [await describeLoadBalancerUse(elb, observed), ...(await Promise.all(beside))];
}

/** Who may not ask EC2 plans without it: `doctor` names the permission. */
async function findUnserved(
  { ec2 }: AwsClients,
  subnets: readonly string[],
  { liveListener, others = [] }: PlannableApplication,
): Promise<UnservedSubnet[]> {
  const through = [liveListener, ...others.map((other) => other.liveListener)];
  return await describeUnserved({ ec2 }, subnets, through).catch((error: unknown) => {
    if (error instanceof ApplicationFailure && error.type === 'AccessDenied') return [];
    throw error;
  });
}

async function previewPlan(
  clients: AwsClients,
  { placeOf }: KnownApplication,
  plan: DeploymentPlan,
  observed: PlannableApplication,
): Promise<DeploymentPreview> {
  const { blue, green } = plan;
  const { ecs } = clients;
  return previewDeployment(plan, {
    observed,
    loadBalancers: await describeUses(clients, observed),
    blueTaskDefinition:
      blue.kind === 'platformServer' ? undefined : await describeTaskDefinition(ecs, blue.taskDefinitionArn),
    placeOf,
    unserved: await findUnserved(clients, subnetsOf(green.service.settings), observed),
  });
}
