/** What people read of a task definition's differences: what is new, what changes, and what goes. */
import { taskDefinitionChanges } from '../../../planning/preview/task-definition';
import type { TaskDefinition } from '../../../planning/release/task-definitions';

const planned = (more: object = {}, container: object = {}): TaskDefinition => ({
  family: 'Orders',
  networkMode: 'awsvpc',
  cpu: '256',
  containerDefinitions: [{ name: 'application', image: 'orders:1', ...container }],
  ...more,
});

/** As AWS shows what was registered, with its defaults. */
const registered = (more: object = {}, container: object = {}): TaskDefinition => ({
  ...planned(
    { revision: 3, status: 'ACTIVE', requiresAttributes: [{ name: 'a' }], volumes: [], placementConstraints: [] },
    { cpu: 0, essential: true, versionConsistency: 'enabled', mountPoints: [], environment: [], ...container },
  ),
  ...more,
});

test('what AWS says of its own accord is no difference', () => {
  expect(taskDefinitionChanges(planned(), registered())).toEqual([]);
  const { networkMode: _, ...bridged } = planned();
  const runtimePlatform = { operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64' };
  expect(taskDefinitionChanges(bridged, registered({ networkMode: 'bridge', runtimePlatform }))).toEqual([]);
});

test.each<[string, object, object, string]>([
  ['a role', { taskRoleArn: 'role' }, {}, '- taskRoleArn'],
  ['Windows', { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }, {}, '- runtimePlatform'],
  ['a volume', { volumes: [{ name: 'data' }] }, {}, '- volumes'],
  ['a command', {}, { command: ['serve'] }, '- containerDefinitions.application.command'],
  ['all secrets', {}, { secrets: [{ name: 'A', valueFrom: 'b' }] }, '- containerDefinitions.application.secrets'],
  ['a label', {}, { dockerLabels: { team: 'a' } }, '- containerDefinitions.application.dockerLabels'],
])('%s that nothing wants any more is told to go', (_, more, container, line) => {
  expect(taskDefinitionChanges(planned(), registered(more, container))).toEqual([line]);
});

test('one option of the log driver goes, and what a deployment writes about itself is no difference', () => {
  const with_ = (options: object, dockerLabels: object) => ({
    dockerLabels,
    logConfiguration: { logDriver: 'awslogs', options },
  });
  const now = registered(
    {},
    with_({ 'awslogs-group': 'g', mode: 'blocking' }, { 'io.cutover.image': 'i', 'io.cutover.previous': 'p' }),
  );
  expect(taskDefinitionChanges(planned({}, with_({ 'awslogs-group': 'g' }, { 'io.cutover.image': 'i' })), now)).toEqual(
    ['- containerDefinitions.application.logConfiguration.options.mode'],
  );
});
