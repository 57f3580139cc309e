import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CancelledFailure } from '@temporalio/common';
import { ModifyRuleCommand, ModifyTargetGroupAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import { describeAttributes, describeTargetGroup } from '../../../activities/aws/elb/target-groups';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import { slotNames, tagKeys } from '../../../planning/names';
import { loadSettings } from '../../../settings/load';
import { deploymentIdOf } from '../../../contract/ids';
import type { DeploymentStatus } from '../../../contract/status';
import { changeSettings } from '../../../local/stack/settings';
import { person, type Person } from '../../planning/approvals/people';
import {
  addZone,
  closeAll,
  currentReads,
  expectWhole,
  folder,
  inContainers,
  liveApplication,
  moreTraffic,
  stack,
  stackAws,
  stackTemporal,
} from './live-application';
import { putPolicy, scale, scaledSlots } from './scaled';

const container = (version: string) => ({ servedBy: 'container', version });
const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;
const holding = ({ phase }: DeploymentStatus) => phase === 'hold';
const resting = ({ phase, deadline }: DeploymentStatus) => phase === 'bake' && deadline !== null;

afterAll(closeAll);

/** A zone whose rules bear wildcards instead of regular expressions. */
const addWildcardZone = () =>
  addZone('wildcard', (own) => ({
    ...own,
    address: 'http://127.0.0.1:2',
    pathMatching: 'wildcard',
    caseInsensitive: false,
  }));

/** The application's live rule as AWS has it. */
async function liveRule(application: string): Promise<ListenerRule> {
  const listener = loadSettings(stack().settings).zones['local']?.listener ?? '';
  await currentReads();
  const rules = await describeRules(stackAws().elb, listener);
  const own = rules.find(({ tags }) => tags[tagKeys.application] === application);
  if (!own) throw new Error(`${application} has no live rule.`);
  return own;
}

/** Somebody points a rule elsewhere, by hand. */
async function changeByHand({ arn }: ListenerRule, targetGroupArn: string): Promise<void> {
  const Actions = [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }];
  await stackAws().elb.send(new ModifyRuleCommand({ RuleArn: arn, Actions }));
  await currentReads();
}

const [ana, rui] = ['Ana', 'Rui'].map(person) as [Person, Person];

/** From now on two people must sign. */
async function wantSigned(application: string): Promise<void> {
  const approvers = [ana, rui].map(({ name, line }) => ({ name, keys: [line] }));
  const path = ['applications', application, 'approvals'];
  await changeSettings(stack().settings, [{ path, value: { minimum: 2, approvers } }]);
}

/** As this person does at a terminal. @returns what that says. @throws {Error} with what that says */
async function approveAs({ name, key }: Person, application: string): Promise<string> {
  const file = join(folder, `${name}.pem`);
  await writeFile(file, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return await run('approve', application, '--sign', file);
}

/** The command line's answer. */
async function run(...words: readonly string[]): Promise<string> {
  const cutover = join(__dirname, '../../../bin/cutover.js');
  const env = { ...process.env, CUTOVER_SETTINGS: stack().settings };
  return (await promisify(execFile)(process.execPath, [cutover, ...words], { env })).stdout;
}

const delay = 'deregistration_delay.timeout_seconds';

/** Somebody sets an attribute of green's target group, by hand. Gives what it was. */
async function setDelayByHand(targetGroupName: string, Value: string): Promise<string> {
  const { elb } = stackAws();
  const arn = (await describeTargetGroup(elb, targetGroupName))?.TargetGroupArn ?? '';
  const was = (await describeAttributes(elb, arn))[delay] ?? '';
  const Attributes = [{ Key: delay, Value }];
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }));
  await currentReads();
  return was;
}

test.concurrent(
  'a canary shares traffic until it is promoted; the next one, cancelled from the UI, rolls back',
  async () => {
    const application = await inContainers('Canary', ['Canary'], await addWildcardZone());
    await scale(application, 2);
    await putPolicy(application, 'requests', 'requests');
    const { conditions } = await liveRule('Canary');
    expect(conditions).toMatchObject([
      { field: 'path-pattern', values: ['/Canary', '/Canary/*'], regularExpressions: [] },
    ]);
    await application.traffic.expect('Canary', [container('2.0'), container('3.0')]);
    const shift = [{ percent: 20, bake: '1h' }, { percent: 100 }];
    const started = await application.deploy({ version: '3.0' }, { shift });
    await application.until(resting);
    expect((await liveRule('Canary')).forward.map(({ weight }) => weight)).toEqual([80, 20]);
    await application.deployments.command(application.target, 'promote', { by: 'test' });
    expect(await application.ended(started)).toMatchObject({
      result: { outcome: 'completed', live: { version: '3.0' } },
    });
    await application.traffic.expect('Canary', [container('3.0')]);
    await moreTraffic(application);

    await application.traffic.expect('Canary', [container('3.0'), container('4.0')]);
    await application.deploy({ version: '4.0' }, { shift });
    await application.until(resting);
    const handle = (await stackTemporal()).workflow.getHandle(deploymentIdOf(application.target));
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    await application.traffic.expect('Canary', [container('3.0')]);
    await moreTraffic(application);
    const scaled = { slot: 'b', minimum: 2, suspended: false, counts: ['b'], scheduled: [] };
    expect(await scaledSlots(application)).toEqual([scaled]);
    await expectWhole(application, [0, 2], 1);
  },
);

test.concurrent(
  'a new deployment right after a Terminate with mixed weights starts from that state and ends whole',
  async () => {
    const application = await inContainers('Terminated', ['Terminated']);
    await scale(application, 2);
    await application.traffic.expect('Terminated', [container('2.0'), container('3.0'), container('4.0')]);
    await application.deploy({ version: '3.0' }, { shift: [{ percent: 30, bake: '1h' }, { percent: 100 }] });
    await application.until(resting);
    await (await stackTemporal()).workflow.getHandle(deploymentIdOf(application.target)).terminate('test');
    const next = await application.deploy({ version: '4.0' });
    expect(await application.ended(next)).toMatchObject({
      result: { outcome: 'completed', live: { slot: 'b', version: '4.0' } },
    });
    await application.traffic.expect('Terminated', [container('4.0')]);
    await moreTraffic(application);
    expect(await scaledSlots(application)).toMatchObject([{ slot: 'b', minimum: 2, suspended: false }]);
    await expectWhole(application, [0, 2], 1);
  },
);

test.concurrent('a Reset run writes nothing: it says to start a new deployment', async () => {
  const application = await liveApplication('Reset', ['Reset']);
  await application.traffic.expect('Reset', [platformServer]);
  await application.deploy({ version: '2.0' }, { approval: 'afterVerify' });
  await application.until(({ commands }) => commands.includes('approve'));
  const client = await stackTemporal();
  const workflowId = deploymentIdOf(application.target);
  const { events = [] } = await client.workflow.getHandle(workflowId).fetchHistory();
  const asked = events?.find(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'planBlueGreen',
  );
  const planned = events?.find(
    ({ activityTaskCompletedEventAttributes: completed }) =>
      completed && String(completed.scheduledEventId) === String(asked?.eventId),
  );
  const afterPlan = events?.find(
    ({ eventId, workflowTaskCompletedEventAttributes }) =>
      workflowTaskCompletedEventAttributes && Number(eventId) > Number(planned?.eventId),
  );
  await client.workflowService.resetWorkflowExecution({
    namespace: stack().temporal.namespace,
    workflowExecution: { workflowId },
    reason: 'test',
    requestId: 'reset-test',
    workflowTaskFinishEventId: afterPlan?.eventId ?? null,
  });
  const { failure } = await application.until(holding);
  expect(failure).toMatch(/start a new deployment/);
  await client.workflow.getHandle(workflowId).terminate('test');
  const next = await application.deploy({ version: '2.0' });
  await application.traffic.expect('Reset', [platformServer, container('2.0')]);
  expect(await application.ended(next)).toMatchObject({ result: { outcome: 'completed' } });
  await expectWhole(application, [2], 1);
});

test.concurrent(
  'two people sign; a target group and a rule that somebody changes then hold the deployment, and are not overwritten',
  async () => {
    const application = await inContainers('Drifting', ['Drifting']);
    await wantSigned('Drifting');
    const trail = join(folder, 'audit');
    await changeSettings(stack().settings, [{ path: ['audit'], value: { kind: 'file', folder: trail } }]);
    const started = await application.deploy({ version: '3.0' }, { approval: 'afterVerify', bake: '1h' });
    await application.until(({ commands }) => commands.includes('approve'));
    const before = await liveRule('Drifting');
    const platform = before.forward[0]?.targetGroupArn ?? '';
    const elsewhere = await platformServerGroup();
    await application.traffic.expect('Drifting', [container('2.0'), platformServer]);
    await changeByHand(before, elsewhere);
    const { key } = loadSettings(stack().settings).applications['Drifting'] ?? { key: '' };
    const { targetGroup } = slotNames({ zone: stack().zone, name: 'Drifting', key }, 'b');
    const was = await setDelayByHand(targetGroup, '0');
    const unsigned = application.deployments.command(application.target, 'approve', { by: 'Ana' });
    await expect(unsigned).rejects.toThrow('Only signed approvals count here, of Ana, Rui');
    expect(await approveAs(ana, 'Drifting')).toContain('the deployment is in approve: 1 of 2 approvals.');
    await expect(approveAs(ana, 'Drifting')).rejects.toThrow('Ana has approved already, and counts once');
    await approveAs(rui, 'Drifting');
    const { failure } = await application.until(holding);
    expect(failure).toMatch(/was changed by somebody else: it now forwards .* to platform-server/);
    expect((await liveRule('Drifting')).forward.map(({ targetGroupArn }) => targetGroupArn)).toEqual([elsewhere]);
    await changeByHand(before, platform);
    await application.deployments.command(application.target, 'retry', { by: 'test' });
    const grouped = (status: DeploymentStatus) => holding(status) && status.failure !== failure;
    expect((await application.until(grouped)).failure).toContain(`${targetGroup} (${delay}: ${was} → 0) was changed`);
    await application.traffic.expect('Drifting', [container('2.0'), platformServer, container('3.0')]);
    expect(await setDelayByHand(targetGroup, was)).toBe('0');
    await application.deployments.command(application.target, 'retry', { by: 'test' });

    await application.until(resting);
    const green = (await liveRule('Drifting')).forward[0]?.targetGroupArn ?? '';
    await changeByHand(before, platform);
    await application.deployments.command(application.target, 'promote', { by: 'test' });
    expect(await application.until(holding)).toMatchObject({
      heldIn: 'bake',
      failure: expect.stringMatching(/was changed by somebody else: it now forwards/),
    });
    expect((await application.onAws()).desiredCounts).toEqual([2, 2]);
    await changeByHand(before, green);
    await application.deployments.command(application.target, 'retry', { by: 'test' });
    await application.until(({ phase }) => phase !== 'hold');
    expect(await application.ended(started)).toMatchObject({ result: { outcome: 'completed', failure: null } });
    const audited = JSON.parse(await run('audit', 'verify', '--json')) as { lines: number; findings: string[] };
    expect(audited.findings).toEqual([]);
    expect(await readFile(join(trail, `${stack().zone}.jsonl`), 'utf8')).toContain('Ana has approved already');
    await currentReads();
    const [newest] = await application.deployments.ask({ kind: 'history', ...application.target });
    expect(newest?.approvals).toEqual(
      [/^Ana key SHA256:/, /^Rui key SHA256:/].map((who) => expect.stringMatching(who)),
    );
    await expectWhole(application, [0, 2], 1);
  },
);

async function platformServerGroup(): Promise<string> {
  const listener = loadSettings(stack().settings).zones['local']?.listener ?? '';
  const rules = await describeRules(stackAws().elb, listener);
  return rules.find(({ priority }) => priority === 'default')?.forward[0]?.targetGroupArn ?? '';
}
