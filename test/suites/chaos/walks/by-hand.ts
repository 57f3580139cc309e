/** What people and other tools change without cutover, while something runs or not. */
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
  type Service,
} from '@aws-sdk/client-ecs';
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyRuleCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsClients } from '../../../../activities/aws/client/clients';
import { describeRules } from '../../../../activities/aws/elb/listener-rules';
import { keyOf, replaceApplication } from '../../../../local/platform-server/applications';
import { stackFolders } from '../../../../local/stack/folders';
import { changeSettings, type SettingsChange } from '../../../../local/stack/settings';
import { tagKeys } from '../../../../planning/names';
import { loadSettings } from '../../../../settings/load';
import { expectModel, modulesOf, nameOf, platformModules, platformServer, type Model, type Walker } from './model';
import { answered, patient } from './patience';

/** The Platform Server and the settings know the application by this name, and by no other. */
export async function register({ living, answers }: Walker, name: string, model: Model): Promise<void> {
  const [first] = model.names;
  const key = keyOf(first);
  const modules = modulesOf(model, platformModules);
  const folders = stackFolders(living.folder);
  await replaceApplication(folders.platformServer, {
    application: name,
    key,
    version: platformServer.version,
    modules,
  });
  const before = Object.entries(loadSettings(folders.settings).applications);
  const gates = model.gate === undefined ? {} : { gates: { http: answers.gates['http'] ?? {} } };
  await changeSettings(folders.settings, [
    ...before.filter(([, one]) => one.key === key).map(([old]) => ({ path: ['applications', old], value: undefined })),
    { path: ['applications', name], value: { key, modules, ...gates } as NonNullable<SettingsChange['value']> },
  ]);
}

export const drifts = ['definition', 'healthCheck', 'delay', 'route'] as const;
export type Drift = (typeof drifts)[number];

/**
 * Somebody changes something that cutover relies on, and puts it back before a deployment that held is retried. One that may have
 * found it changed is rolled back instead, where it can be.
 */
export async function drift(walker: Walker, model: Model, what: Drift): Promise<void> {
  const { run } = model;
  const putBack = await drifting[what](walker, model);
  if (putBack && run) {
    run.putBacks.push(putBack);
    run.isChangedWhilePlanned ||= !run.isPlanned;
  }
  await walker.living.currentReads();
}

type PutBack = () => Promise<void>;

const drifting: Readonly<Record<Drift, (walker: Walker, model: Model) => Promise<PutBack | undefined>>> = {
  definition: redefine,
  healthCheck: async (walker, model) =>
    await onEachGroup(walker, model, async (elb, TargetGroupArn) => {
      const ask = new DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] });
      const { TargetGroups: [group] = [] } = await elb.send(ask);
      const set = async (HttpCode: string) =>
        void (await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn, Matcher: { HttpCode } })));
      await set('200-299');
      return async () => await set(group?.Matcher?.HttpCode ?? '200');
    }),
  delay: async (walker, model) =>
    await onEachGroup(walker, model, async (elb, TargetGroupArn) => {
      const { Attributes = [] } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
      const Key = 'deregistration_delay.timeout_seconds';
      const was = Attributes.find((one) => one.Key === Key)?.Value ?? '300';
      const set = async (Value: string) =>
        void (await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key, Value }] })));
      await set(`${Number(was) + 1}`);
      return async () => await set(was);
    }),
  route: leadAway,
};

/** Somebody gives what serves, and what is to, another count. */
export async function scale(walker: Walker, model: Model, desiredCount: number): Promise<void> {
  const { cluster, ecs } = ecsOf(walker);
  for (const { serviceName: service } of await wanted(walker, model))
    await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
  await walker.living.currentReads();
}

/** The same release in a task definition of somebody else. */
async function redefine(walker: Walker, model: Model): Promise<PutBack> {
  const { cluster, ecs } = ecsOf(walker);
  const putBacks: PutBack[] = [];
  for (const { serviceName: service, taskDefinition: was } of await wanted(walker, model)) {
    const { taskDefinition: found } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: was }));
    const { family, containerDefinitions, ...rest } = found ?? {};
    const { cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, taskRoleArn, runtimePlatform } = rest;
    const { taskDefinition } = await ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        containerDefinitions: containerDefinitions?.map((one) => ({
          ...one,
          environment: [...(one.environment ?? []), { name: 'BY_HAND', value: 'yes' }],
        })),
        cpu,
        memory,
        networkMode,
        requiresCompatibilities,
        executionRoleArn,
        taskRoleArn,
        runtimePlatform,
      }),
    );
    const set = async (arn: string | undefined) =>
      void (await ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition: arn })));
    await set(taskDefinition?.taskDefinitionArn);
    putBacks.push(async () => {
      const now = (await wanted(walker, model)).find((one) => one.serviceName === service);
      if (now?.taskDefinition === taskDefinition?.taskDefinitionArn) await set(was);
    });
  }
  model.serving = { ...model.serving, isByHand: true };
  model.earlier = undefined;
  if (model.run) model.run.next = { ...model.run.next, isByHand: true };
  return async () => void (await Promise.all(putBacks.map((putBack) => putBack())));
}

/** Somebody leads all users to the Platform Server. */
async function leadAway(walker: Walker, model: Model): Promise<PutBack | undefined> {
  const { elb, rules, platform } = await routeOf(walker, model);
  if (rules.length === 0) return undefined;
  model.isLedAway = true;
  await expectModel(walker, model);
  // What loses its last rule loses its targets at once, before every node of the load balancer knows: a careful person leaves it there.
  for (const { arn, forward } of rules) {
    const others = forward.filter(({ targetGroupArn }) => targetGroupArn !== platform);
    const attached = others.map((one) => ({ ...one, weight: 0 }));
    await leadTo(elb, arn, [{ targetGroupArn: platform, weight: 1 }, ...attached]);
  }
  if (model.run)
    return async () => {
      const { rules: now } = await routeOf(walker, model);
      for (const { arn, forward } of rules) {
        const found = now.find((one) => one.arn === arn);
        if (found && leadsTo(found, platform)) await leadTo(elb, arn, forward);
      }
      await sleep(walker.propagationMs);
    };
  await sleep(walker.propagationMs);
  model.isLedAway = false;
  model.serving = { ...platformServer, isByHand: true };
  model.earlier = undefined;
  await expectModel(walker, model);
  return undefined;
}

/** What somebody led to the Platform Server leads to the service that has replicas. */
export async function leadToContainers(walker: Walker, model: Model): Promise<void> {
  const { elb, rules, platform } = await routeOf(walker, model);
  const [serving] = await wanted(walker, model);
  const targetGroupArn = serving?.loadBalancers?.[0]?.targetGroupArn;
  if (targetGroupArn === undefined) return;
  for (const rule of rules) if (leadsTo(rule, platform)) await leadTo(elb, rule.arn, [{ targetGroupArn, weight: 1 }]);
  await sleep(walker.propagationMs);
}

type Elb = AwsClients['elb'];
type Forward = readonly { readonly targetGroupArn: string; readonly weight: number }[];

const leadsTo = ({ forward }: { readonly forward: Forward }, group: string) =>
  forward.every(({ targetGroupArn, weight }) => (targetGroupArn === group) === weight > 0);

const leadTo = async (elb: Elb, RuleArn: string, forward: Forward) =>
  void (await elb.send(
    new ModifyRuleCommand({
      RuleArn,
      Actions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: forward.map(({ targetGroupArn, weight }) => ({
              TargetGroupArn: targetGroupArn,
              Weight: weight,
            })),
          },
        },
      ],
    }),
  ));

/** Its live rules, and where the default rule leads. */
async function routeOf({ living }: Walker, { names: [first] }: Model) {
  const { elb } = patient(living.stackAws());
  const listener = loadSettings(living.stack().settings).zones['local']?.listener ?? '';
  const all = await describeRules(elb, listener);
  const rules = all.filter(({ tags }) => tags[tagKeys.key] === keyOf(first));
  const platform = all.find(({ priority }) => priority === 'default')?.forward[0]?.targetGroupArn ?? '';
  return { elb, rules, platform };
}

const ecsOf = ({ living }: Walker) => ({ cluster: living.stack().aws.cluster, ecs: patient(living.stackAws()).ecs });

async function services(walker: Walker, model: Model): Promise<Service[]> {
  const { cluster, ecs } = ecsOf(walker);
  await walker.living.currentReads();
  const names = [nameOf(model), ...(model.run?.rename === undefined ? [] : [model.run.rename])];
  const listed = await Promise.all(names.map((name) => answered(() => walker.living.onStack(name, []).services())));
  const ask = new DescribeServicesCommand({ cluster, services: listed.flat() });
  return listed.flat().length === 0 ? [] : ((await ecs.send(ask)).services ?? []);
}

/** The services that are to have replicas. */
const wanted = async (walker: Walker, model: Model) =>
  (await services(walker, model)).filter(({ desiredCount = 0 }) => desiredCount > 0);

/** Those of the application's services; resolves with how all are as they were. */
async function onEachGroup(
  walker: Walker,
  model: Model,
  change: (elb: AwsClients['elb'], group: string) => Promise<PutBack>,
): Promise<PutBack> {
  const { elb } = patient(walker.living.stackAws());
  const all = await services(walker, model);
  const groups = all.flatMap(({ loadBalancers = [] }) => loadBalancers.map((one) => one.targetGroupArn ?? ''));
  const putBacks = await Promise.all(groups.map((group) => unlessGone(() => change(elb, group))));
  return async () => void (await Promise.all(putBacks.map(async (putBack) => await (putBack && unlessGone(putBack)))));
}

/** A deployment may delete what bore an application's name before. */
async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if ((error as Error).name === 'TargetGroupNotFoundException') return undefined;
    throw error;
  }
}
