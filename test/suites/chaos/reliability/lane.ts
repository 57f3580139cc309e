/**
 * A lane: one application under traffic, where one deployment follows another. Lanes of a stack don't disturb each other: each has
 * a zone of its own on the stack's listeners, and a Temporal namespace with a worker of its own, which can be killed.
 */
import type { ChildProcess } from 'node:child_process';
import { Client } from '@temporalio/client';
import type { RecordedWrite } from '../../../../packages/local-aws/src/index';
import { connectToTemporal } from '../../../../temporal/connection';
import type { LiveApplication } from '../../e2e/live-application';
import { ended, startWorker } from '../../e2e/worker-process';
import type { OwnStack } from '../own-stack';
import { platformServer, type Serving } from '../runbooks';

export interface Lane {
  readonly application: LiveApplication;
  readonly living: OwnStack['living'];
  readonly temporal: Client;
  readonly propagationMs: OwnStack['propagationMs'];
  /** As a crash would; resolves when the next one takes work. */
  readonly killWorker: () => Promise<void>;
  /** The writes about the application, after the one of this number. */
  readonly writes: (after?: number) => Promise<RecordedWrite[]>;
  /** A version that nothing else here bears. */
  readonly nextVersion: () => string;
  /** What answers users now, and what an undo would bring. */
  serving: Serving;
  earlier: Serving;
  /** Whether that is a service that another tool made. */
  servedByOthers: boolean;
  /** Ends its worker; the stack's own end with the stack. */
  readonly close: () => Promise<void>;
}

/** Beside others: with a zone, a namespace and a worker of its own. @param index counts the stack's lanes from 0 */
export async function openLane(own: OwnStack, name: string, index: number): Promise<Lane> {
  const { addZone, liveApplication, stack } = own.living;
  const namespace = name.toLowerCase();
  const zone = await addZone(namespace, (own) => ({
    ...own,
    // The platform finds a zone by its address, so no two have the same.
    address: `http://127.0.0.1:${9_000 + index}`,
    priorities: { from: 2_000 + 100 * index, to: 2_099 + 100 * index },
  }));
  const { connection, close } = await connectToTemporal({ address: stack().temporal.address });
  const temporal = new Client({ connection, namespace });
  await temporal.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  const start = async (): Promise<ChildProcess> =>
    await startWorker(stack(), { environment: { TEMPORAL_NAMESPACE: namespace } });
  let worker = await untilStarted(start);
  const entrance = { loadBalancer: stack().loadBalancer, requestsPerSecond: 10, namespace };
  const application = await liveApplication(name, modulesOf(name), zone, entrance);
  return {
    ...(await laneOf(own, application, temporal)),
    killWorker: async () => {
      await ended(worker, 'SIGKILL');
      worker = await untilStarted(start);
    },
    close: async () => {
      await ended(worker, 'SIGTERM');
      await close();
    },
  };
}

/** Alone on its stack: with the stack's own zone and worker. */
export async function openOnlyLane(own: OwnStack, name: string): Promise<Lane> {
  const { living } = own;
  const application = await living.liveApplication(name, modulesOf(name));
  return {
    ...(await laneOf(own, application, await living.stackTemporal())),
    killWorker: async () => void (await living.killAndAwaitSuccessor('worker')),
    close: async () => undefined,
  };
}

const modulesOf = (name: string) => [name, `${name}API`];

/** A namespace is known to all of a Temporal server's parts a moment after it was registered, and workers end where it isn't. */
async function untilStarted(start: () => Promise<ChildProcess>): Promise<ChildProcess> {
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

async function laneOf(
  { living, propagationMs }: OwnStack,
  application: LiveApplication,
  temporal: Client,
): Promise<Omit<Lane, 'killWorker' | 'close'>> {
  const { application: name } = application.target;
  let versions = 0;
  return {
    living,
    application,
    temporal,
    propagationMs,
    writes: async (after = 0) => {
      const answer = await fetch(`${living.stack().aws.control}/writes?after=${after}`);
      const all = (await answer.json()) as RecordedWrite[];
      return all.filter((write) => write.programs.includes('cutover') && JSON.stringify(write).includes(name));
    },
    nextVersion: () => `2.${++versions}`,
    serving: platformServer,
    earlier: platformServer,
    servedByOthers: false,
  };
}
