/** Countersignatures: recorded with the release, whose deployment may be over for long. */
import { DescribeTaskDefinitionCommand, ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs';
import { Context } from '@temporalio/activity';
import type { PlatformApplication } from '../../../contract/runbook-requests';
import type { CountedApproval } from '../../../planning/approvals/counted';
import { countersignedTags } from '../../../planning/approvals/record';
import { slotNames } from '../../../planning/names';
import { recordIn } from '../../../planning/release/release';
import { siteOf } from '../../../planning/site';
import type { AwsClients } from '../client/clients';
import { writing, type AwsDependencies } from '../dependencies';
import { resolveApplication, type ApplicationDependencies } from '../plans/applications';
import { tag } from './task-definitions';

/** Whose glass was broken. */
export interface CountersignedRun {
  readonly workflow: string;
  readonly application: PlatformApplication;
  readonly run: string;
}

/** The newest releases are looked through. */
const mostLookedAt = 50;

export const countersignatureActivities = (aws: AwsDependencies & Pick<ApplicationDependencies, 'settings'>) => ({
  /**
   * Records who countersigned a release. A deployment that registered none, as a removal, has no record.
   * Effect: at most one TagResource. Idempotent.
   */
  async recordCountersignature(
    { workflow, application, run }: CountersignedRun,
    countersigned: CountedApproval,
  ): Promise<void> {
    const { identity, zone } = resolveApplication(aws.settings(), workflow, application);
    const { runId = '' } = Context.current().info.workflowExecution ?? {};
    const { ecs } = writing(aws, siteOf(zone, { runId }));
    const found = await findByRun(ecs, slotNames(identity, 'a').taskDefinitionFamily, run);
    if (found !== undefined) await tag(ecs, found, countersignedTags(countersigned));
  },
});

/** The task definition that a run registered. */
async function findByRun(ecs: AwsClients['ecs'], family: string, run: string): Promise<string | undefined> {
  const { taskDefinitionArns = [] } = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: family, sort: 'DESC', maxResults: mostLookedAt }),
  );
  for (const arn of taskDefinitionArns) {
    const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }));
    if (recordIn(taskDefinition).runId === run) return arn;
  }
  return undefined;
}
