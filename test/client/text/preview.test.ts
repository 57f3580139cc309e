/** What `cutover plan` says of approvals, whose are wanted and when a cut may begin, and of users whom a move doesn't reach. */
import { resolveApplication } from '../../../activities/aws/plans/applications';
import { planRequestOf } from '../../../activities/aws/plans/runbook-plan';
import { formatPreview } from '../../../client/text/preview';
import { planBlueGreen } from '../../../planning/plans/deployment';
import { previewDeployment } from '../../../planning/preview/deployment';
import { parseSettings } from '../../../settings/load';
import { person } from '../../planning/approvals/people';
import { defaultRule, elsewhere, inSlotA, observed } from '../../planning/zone';
import { zone } from '../../settings/minimal';

const [ana, rui] = ['Ana', 'Rui'].map(person);

function planned(approvals: string, found = observed(inSlotA())): string {
  const application = 'applications:\n  Orders: { key: a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11 }\n';
  const settings = parseSettings(`${zone}    approvals: ${approvals}\n${application}`, 'cutover.yaml');
  const known = resolveApplication(settings, 'production/Orders');
  const plan = planBlueGreen(planRequestOf(known, 'blueGreen', { by: 'Eva' }, 'run-1'), found);
  const loadBalancers = [{ rules: 1, ruleLimit: 100, targetGroups: 2, targetGroupLimit: 100 }];
  return formatPreview(previewDeployment(plan, { observed: found, blueTaskDefinition: undefined, loadBalancers })).join(
    '\n',
  );
}

test('how many of whom, who doesn’t count, and the times', () => {
  const approvers = [ana, rui].map((one) => `{ name: ${one!.name}, keys: ['${one!.line}'] }`).join(', ');
  const says = planned(
    `{ minimum: 2, notTheStarter: true, approvers: [${approvers}], windows: [{ days: [mon], from: '08:00' }], freeze: [{ from: 2026-12-20, to: 2027-01-06, reason: Christmas }] }`,
  );
  expect(says).toContain('Wants 2 signed approvals of Ana, Rui, but not of Eva, who starts it.');
  expect(says).toContain('A cut begins only in: mon 08:00–24:00 UTC.');
  expect(says).toContain('No cut begins from 2026-12-20 to 2027-01-06 (UTC): Christmas.');
});

test('nothing where the settings say nothing', () => {
  expect(planned('{}')).not.toMatch(/approval|cut begins/);
});

test('users whom the move does not reach, each on a line, and nobody once the Platform Server serves no more', () => {
  const onPort80 = { elsewhere: [elsewhere(80, defaultRule)] };
  expect(planned('{}', observed(onPort80))).toMatch(
    /\n\nUsers whom the move does not reach:\n    The default rule of the load balancer's listener HTTP:80 .* before the move\.\n/,
  );
  expect(planned('{}', observed({ ...inSlotA(), ...onPort80 }))).not.toContain('Users whom');
});
