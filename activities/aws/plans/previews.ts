/** What a runbook would do, as things are now: planned as the runbook would, told, and left at that. */
import type { DeploymentPlan } from '../../../planning/plans/deployment';
import type { Observed } from '../../../planning/observed/observed';
import { previewDeployment, type DeploymentPreview } from '../../../planning/preview/deployment';
import { previewRemoval, previewUnchanged } from '../../../planning/preview/removal';
import type { DeploymentRequest, RunbookRequest } from '../../../contract/runbook-requests';
import type { PublishedConfiguration } from '../../files/configuration';
import type { AwsClients } from '../client/clients';
import { describeLoadBalancerUse } from '../elb/load-balancers';
import type { KnownApplication } from './applications';
import { observe, planRequestOf, refusing, type PlanDependencies } from './observe';
import { decideRemoval } from './removal';
import { describeTaskDefinition } from '../ecs/task-definitions';
import { decideUndo, planAsAsked } from './undo';
import { decideUpdate } from './configuration-update';

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
 * Errors: `InvalidRequest` when something stands in the way.
 */
export const previewRunbook = (
  dependencies: PlanDependencies,
  known: KnownApplication & { readonly clients: AwsClients },
  asked: PreviewRequest,
): Promise<DeploymentPreview> => refusing(() => preview(dependencies, known, asked));

async function preview(
  dependencies: PlanDependencies,
  known: KnownApplication & { readonly clients: AwsClients },
  asked: PreviewRequest,
): Promise<DeploymentPreview> {
  const useOf = (observed: Omit<Observed, 'release'>) => describeLoadBalancerUse(known.clients.elb, observed);
  const deploying = async (plan: DeploymentPlan, observed: Observed) =>
    previewDeployment(plan, {
      observed,
      loadBalancer: await useOf(observed),
      blueTaskDefinition: await describeBlueTaskDefinition(known.clients, plan),
    });
  switch (asked.runbook) {
    case 'deploy': {
      const { input, configuration, runId } = asked;
      const request = planRequestOf(known, input, input.strategy ?? 'blueGreen', runId);
      const observed = await observe(dependencies.clientsOf, known, input, configuration);
      return await deploying(planAsAsked(request, observed).plan, observed);
    }
    case 'undo': {
      const request = planRequestOf(known, { approval: 'none', ...asked.input }, 'undo', asked.runId);
      const { planned, observed } = await decideUndo(dependencies, known, request);
      return await deploying(planned.plan, observed);
    }
    case 'updateConfiguration': {
      const request = planRequestOf(known, asked.input, 'updateConfiguration', asked.runId);
      const { planned, observed } = await decideUpdate(dependencies, known, request, asked.configuration);
      if (planned.strategy === 'none') return previewUnchanged(known.identity, planned);
      return await deploying(planned.plan, observed);
    }
    case 'removeApplication': {
      const request = planRequestOf(known, { approval: 'none', ...asked.input }, 'removeApplication', asked.runId);
      const { planned, observed } = await decideRemoval(dependencies, known, request);
      return previewRemoval(planned, observed, await useOf(observed));
    }
  }
}

const describeBlueTaskDefinition = async ({ ecs }: AwsClients, { blue }: DeploymentPlan) =>
  blue.kind === 'slot' ? await describeTaskDefinition(ecs, blue.taskDefinitionArn) : undefined;
