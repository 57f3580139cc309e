/**
 * An edit of the settings holds at the next deployment, under traffic: capacity, tags, and a port that no target group can change.
 * `npm test` has an application's own settings in `e2e/questions`.
 */
import { DescribeServicesCommand, PutClusterCapacityProvidersCommand } from '@aws-sdk/client-ecs';
import { DescribeTagsCommand, DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { startOwnStack, type OwnStack } from './own-stack';

const name = 'Edited';
const container = (version: string) => ({ servedBy: 'container', version });

let own: OwnStack;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 20, failedStarts: 0 });
}, 300_000);
afterAll(() => own.close());

type Member = 'service' | 'targetGroup' | 'tags';

test('capacity, tags and a target group’s port follow the settings at the next deployment, and a rollback brings back what was', async () => {
  const { changeSettings } = await import('../../../local/stack/settings.js');
  const { addZone, inContainers, stack, stackAws } = own.living;
  // On Fargate, where no folder of this machine can be mounted.
  const zone = await addZone(
    'edited',
    (local) =>
      Object.fromEntries(
        Object.entries(local).filter(
          ([member]) => !['service', 'configuration', 'folders', 'builder', 'address'].includes(member),
        ),
      ) as typeof local & { address: string },
  );
  await changeSettings(stack().settings, [
    { path: ['zones', zone, 'address'], value: `http://localhost:${new URL(stack().loadBalancer).port}` },
  ]);
  await stackAws().ecs.send(
    new PutClusterCapacityProvidersCommand({
      cluster: stack().aws.cluster,
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [],
    }),
  );
  const application = await inContainers(name, [name], zone);
  const { deployments, target, traffic } = application;
  const edit = async (member: Member, value: NonNullable<Parameters<typeof changeSettings>[1][number]['value']>) =>
    await changeSettings(stack().settings, [{ path: ['applications', name, member], value }]);
  const seen = async (slot: 'a' | 'b') => {
    await own.living.currentReads();
    const { ecs, elb } = stackAws();
    const service = (await application.services()).find((one) => one.endsWith(`-${slot}`)) ?? '';
    const asked = { cluster: stack().aws.cluster, services: [service], include: ['TAGS' as const] };
    const { services: [found] = [] } = await ecs.send(new DescribeServicesCommand(asked));
    const { TargetGroups: [group] = [] } = await elb.send(new DescribeTargetGroupsCommand({ Names: [service] }));
    const { TagDescriptions: [tagged] = [] } = await elb.send(
      new DescribeTagsCommand({ ResourceArns: [group?.TargetGroupArn ?? ''] }),
    );
    return {
      capacity: found?.capacityProviderStrategy?.map(({ capacityProvider }) => capacityProvider) ?? [],
      exec: found?.enableExecuteCommand,
      propagates: found?.propagateTags,
      tag: found?.tags?.find(({ key }) => key === 'CostCentre')?.value,
      port: group?.Port,
      groupTag: tagged?.Tags?.find(({ Key }) => Key === 'CostCentre')?.Value,
      groupArn: group?.TargetGroupArn,
    };
  };

  await edit('service', {
    capacityProviderStrategy: [
      { capacityProvider: 'FARGATE', base: 1, weight: 1 },
      { capacityProvider: 'FARGATE_SPOT', weight: 3 },
    ],
    propagateTags: 'SERVICE',
    enableECSManagedTags: true,
  });
  await edit('tags', { CostCentre: '42' });
  await edit('targetGroup', { port: 8080 });
  const image = await application.image({ version: '3.0' });
  const { changes } = await deployments.ask({ kind: 'plan', ...target, deployment: { image } });
  expect(JSON.stringify(changes)).toMatch(/capacityProviderStrategy.*→.*FARGATE_SPOT/);

  await traffic.expect(name, [container('2.0'), container('3.0')]);
  const taken = await application.deploy({ version: '3.0' }, { bake: '1h' });
  await application.until(({ phase }) => phase === 'bake');
  const edited = {
    capacity: ['FARGATE', 'FARGATE_SPOT'],
    propagates: 'SERVICE',
    tag: '42',
    port: 8080,
    groupTag: '42',
  };
  expect(await seen('b')).toMatchObject(edited);
  expect(await seen('a')).toMatchObject({ capacity: [], port: 80 });
  await deployments.command(target, 'rollback', { by: 'Ana' });
  expect(await deployments.ended(taken)).toMatchObject({ result: { outcome: 'rolledBack', live: { slot: 'a' } } });
  await traffic.expect(name, [container('2.0'), container('3.0')]);
  const completed = await application.deploy({ version: '3.0' });
  expect(await application.ended(completed)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'b' } } });

  // The idle slot's group has the earlier port, which nobody can change: it is made anew.
  const before = await seen('a');
  await traffic.expect(name, [container('3.0'), container('4.0')]);
  const next = await application.deploy({ version: '4.0' });
  expect(await application.ended(next)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'a' } } });
  await traffic.expect(name, [container('4.0')]);
  const after = await seen('a');
  expect(after).toMatchObject(edited);
  expect(after.groupArn).not.toBe(before.groupArn);
  expect(await application.onAws()).toEqual({ liveRules: 1, testRules: 0, desiredCounts: [0, 2] });
  expect((await application.judged()).failures).toEqual([]);
}, 900_000);
