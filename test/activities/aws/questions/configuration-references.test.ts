/** Which copies of configurations an application's task definitions refer to: what can't be told is referred to. */
import type { ECS } from '@aws-sdk/client-ecs';
import {
  describeReferences,
  type KnownTaskDefinitions,
} from '../../../../activities/aws/questions/configuration-references';
import { slotNames } from '../../../../planning/names';
import { releaseLabels } from '../../../../planning/release/release';
import { startLocalAws, type LocalAws } from '../../../../packages/local-aws/test/local-aws';

const application = { zone: 'production', name: 'Orders', key: 'a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11' };
const family = slotNames(application, 'a').taskDefinitionFamily;
const [served, earlier, lost] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];

let local: LocalAws;
let ecs: ECS;
beforeAll(async () => {
  local = await startLocalAws();
  ecs = local.ecs;
  await ecs.createCluster({ clusterName: 'zone' });
});
afterAll(() => local.close());

async function register(name: string, configuration: string, previous?: string): Promise<string> {
  const { taskDefinition } = await ecs.registerTaskDefinition({
    family: name,
    containerDefinitions: [
      {
        name: 'web',
        image: 'orders:1',
        memory: 128,
        dockerLabels: {
          [releaseLabels.image]: 'orders:1',
          [releaseLabels.configuration]: configuration,
          ...(previous !== undefined && { [releaseLabels.previous]: previous }),
        },
      },
    ],
  });
  return taskDefinition?.taskDefinitionArn ?? '';
}

const referred = async (known: KnownTaskDefinitions = new Map()) =>
  await describeReferences({ ecs, known }, { cluster: 'zone' }, application, [served, earlier, lost]);

test('active task definitions refer, under an earlier name too; deregistered ones only while a service uses them', async () => {
  expect(await referred()).toEqual([]);
  const before = await register('named-otherwise', earlier);
  const now = await register(family, served, before);
  expect(await referred()).toEqual([served, earlier]);

  await ecs.createService({
    cluster: 'zone',
    serviceName: slotNames(application, 'b').service,
    taskDefinition: now,
    desiredCount: 0,
  });
  await ecs.deregisterTaskDefinition({ taskDefinition: before });
  await ecs.deregisterTaskDefinition({ taskDefinition: now });
  expect(await referred()).toEqual([served]);
});

test('with more task definitions than are read every copy is referred to', async () => {
  const most = Array.from({ length: 201 }, (_, index) => `${index}`);
  for (const configuration of most) await register(family, configuration);
  expect(await referred()).toEqual([served, earlier, lost]);
});
