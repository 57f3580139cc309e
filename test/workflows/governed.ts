/** Deployments whose settings name approvers, and what these people sign: the activity that weighs it is the real one. */
import { approvalActivities } from '../../activities/approvals';
import type { DeploymentRequest } from '../../contract/runbook-requests';
import type { DeploymentStatus } from '../../contract/status';
import { planDemand, sealed } from '../../planning/approvals/demand';
import type { Statement } from '../../planning/approvals/counted';
import { planBlueGreen } from '../../planning/plans/deployment';
import { parseSettings } from '../../settings/load';
import { person, signed, type Person } from '../planning/approvals/people';
import { inSlotA, observed } from '../planning/zone';
import { zone } from '../settings/minimal';
import { planRequest, type Script } from './scripted-activities';

export const [ana, rui, mallory] = ['Ana', 'Rui', 'Mallory'].map(person) as [Person, Person, Person];

/** The activities of a worker whose settings have this policy. */
export function governedBy(more: string, people: readonly Person[] = [ana, rui]): Script {
  const keys = people.map(({ name, line }) => `{ name: ${name}, keys: ['${line}'] }`).join(', ');
  const settings = parseSettings(`${zone}    approvals: { approvers: [${keys}], ${more} }\n`, 'cutover.yaml');
  const { weighApprovals, weighCountersignature } = approvalActivities({ settings: () => settings });
  return {
    weighApprovals,
    weighCountersignature,
    planBlueGreen: (asked: DeploymentRequest) => {
      const request = planRequest(asked);
      const { approvals: policy, deployment } = settings.zones['production']!;
      const { options } = request;
      const demand = planDemand({ policy, runbook: 'blueGreen', input: asked, zone: deployment, options });
      return sealed(planBlueGreen({ ...request, ...(demand && { demand }) }, observed(inSlotA())));
    },
  };
}

/** What a person signs who looked at this. */
const seen = ({ approvals }: DeploymentStatus, changes: Partial<Statement> = {}): Omit<Statement, 'approver'> => ({
  version: 1,
  approval: approvals?.moment ?? 'afterVerify',
  workflow: approvals?.workflow ?? '',
  run: approvals?.run ?? '',
  plan: approvals?.plan ?? '',
  image: approvals?.image ?? null,
  expires: new Date(Date.now() + 3_600_000).toISOString(),
  ...changes,
});

export const approval = (who: Person, status: DeploymentStatus, changes: Partial<Statement> = {}) => ({
  signed: signed(who, { ...seen(status, changes), approver: changes.approver ?? who.name }),
});
