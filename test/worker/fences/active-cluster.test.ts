/** After a failover between clusters nothing is written until people have looked: the namespace's answer is scripted. */
import type { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { underLease } from '../../../activities/leases';
import { writing } from '../../../activities/aws/dependencies';
import type { AwsClients } from '../../../activities/aws/client/clients';
import type { Site } from '../../../planning/site';
import { activeClusterOf } from '../../../worker/fences/active-cluster';
import { confirmAttempts } from '../../../worker/fences/attempts';

const connectionTo = (describe: () => object | Promise<object>) =>
  ({
    withDeadline: (_: number, call: () => unknown) => call(),
    workflowService: { describeNamespace: async () => await describe() },
  }) as unknown as Connection;

const client = {
  withDeadline: (_: number, call: () => unknown) => call(),
  activity: { heartbeat: () => Promise.resolve() },
} as unknown as Client;

const globally = (activeClusterName: string, failoverVersion: number) => ({
  isGlobalNamespace: true,
  failoverVersion,
  replicationConfig: { activeClusterName },
});

const site = (activeCluster?: Site['activeCluster']): Site => ({
  region: 'eu-west-1',
  cluster: 'outsystems',
  runId: 'run-1',
  ...(activeCluster && { activeCluster }),
});

/** One write of an activity whose plan is for this site. */
async function write(planned: Site, describe: () => object | Promise<object>): Promise<string> {
  const workflowExecution = { workflowId: 'local/Orders', runId: 'run-1' };
  const environment = new MockActivityEnvironment({
    workflowExecution,
    startToCloseTimeoutMs: 60_000,
    scheduleToCloseTimeoutMs: 0,
  });
  const confirm = confirmAttempts(client, activeClusterOf(connectionTo(describe), 'deployments'));
  return await environment.run(async () => {
    writing({ clientsOf: () => ({}) as AwsClients }, planned);
    return await underLease(confirm, () => Promise.resolve('written'));
  });
}

const inEurope = site({ name: 'europe', failoverVersion: '12' });

test('a write is made where the namespace is active as planned', async () => {
  expect(await write(inEurope, () => globally('europe', 12))).toBe('written');
});

test.each([
  ['to another cluster', globally('america', 21)],
  ['there and back', globally('europe', 32)],
])('after a failover %s it isn’t, and the failure says where it is now', async (_, answer) => {
  const { activeClusterName: name } = answer.replicationConfig;
  await expect(write(inEurope, () => answer)).rejects.toMatchObject({
    type: 'ActiveClusterChanged',
    nonRetryable: true,
    message: expect.stringMatching(new RegExp(`in cluster europe for this plan, and is in ${name} since .*then retry`)),
    details: [{ name, failoverVersion: String(answer.failoverVersion) }],
  });
});

test('nor while nobody can say where it is active: the attempt is made again', async () => {
  await expect(write(inEurope, () => Promise.reject(new Error('no answer')))).rejects.toMatchObject({
    type: 'AttemptOver',
    nonRetryable: false,
  });
});

test('a namespace of one cluster is never asked for a write, and no plan records it', async () => {
  const describe = jest.fn(() => ({ isGlobalNamespace: false }));
  expect(await write(site(), describe)).toBe('written');
  expect(describe).not.toHaveBeenCalled();
  expect(await activeClusterOf(connectionTo(describe), 'deployments')()).toBeUndefined();
});
