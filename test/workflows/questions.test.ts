/** What people ask is one activity, and no workflow, where the server knows such activities. */
import { ServiceError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { status } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { heartbeating } from '../../activities/polling';
import { ask } from '../../client/questions';
import { openWorld, type World } from './world';

const live = { slot: 'a', servedBy: 'container', image: 'orders:1.0.0', version: '1.0.0' } as const;
const question = { kind: 'live', zone: 'production', application: 'Orders' } as const;
let known = true;
let world: World;

beforeAll(async () => {
  const describeLive = async () => {
    if (known) return await Promise.resolve(live);
    throw ApplicationFailure.nonRetryable('The settings know no application Orders.', 'InvalidRequest');
  };
  // Longer than a question about one application may take.
  const slowly = async (answer: unknown) => await heartbeating(async () => await sleep(32_000, answer));
  world = await openWorld({
    activities: {
      describeLive,
      describeLogs: async (_: never, lines: never) => [lines],
      describeZone: async () => await slowly({ Orders: live }),
      examineZone: async () => await slowly([]),
      zoneSharesFolders: async () => await Promise.resolve(false),
    },
  });
});
afterAll(() => world.close());

/** The world's client, which counts the workflows that it starts; its server may know no activities without one. */
function counting({ knowsActivities }: { knowsActivities: boolean }) {
  let workflows = 0;
  let refusals = 0;
  const { activity, workflow } = world.client;
  const unknown = Object.assign(new Error('12 UNIMPLEMENTED'), {
    code: status.UNIMPLEMENTED,
    details: '',
    metadata: {},
  });
  const client = {
    activity: {
      execute: async (...args: Parameters<typeof activity.execute>) => {
        if (knowsActivities) return await activity.execute(...args);
        refusals += 1;
        throw new ServiceError('Failed to start activity', { cause: unknown });
      },
    },
    workflow: {
      execute: async (...args: Parameters<typeof workflow.execute>) => {
        workflows += 1;
        return await workflow.execute(...args);
      },
    },
  } as unknown as Client;
  return { client, counts: () => ({ workflows, refusals }) };
}

test('a question starts no workflow; its answer and its refusal are the worker’s', async () => {
  const { client, counts } = counting({ knowsActivities: true });
  expect(await ask(client, question)).toEqual(live);
  expect(await ask(client, { ...question, kind: 'logs' })).toEqual([20]);
  known = false;
  await expect(ask(client, question)).rejects.toThrow('The settings know no application Orders.');
  known = true;
  expect(counts()).toEqual({ workflows: 0, refusals: 0 });
});

test('a server that knows no activity without a workflow is asked for one once', async () => {
  const { client, counts } = counting({ knowsActivities: false });
  expect(await ask(client, question)).toEqual(live);
  expect(await ask(client, question)).toEqual(live);
  expect(counts()).toEqual({ workflows: 2, refusals: 1 });
});

test('a zone of hundreds of applications, which AWS’s rates let be read in minutes only, is read to the end', async () => {
  const { client } = counting({ knowsActivities: true });
  const { client: earlier } = counting({ knowsActivities: false });
  const zone = 'production';
  expect(
    await Promise.all([
      ask(client, { kind: 'zone', zone }),
      ask(earlier, { kind: 'zone', zone }),
      ask(client, { kind: 'doctor', zone }),
    ]),
  ).toEqual([{ Orders: live }, { Orders: live }, []]);
});
