/** The page on a port of its own, over a client that is told what to answer; and a browser that looks at it. */
import { getRequestListener } from '@hono/node-server';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser } from 'playwright-core';
import type { Deployments } from '../../client/deployments';
import type { DeploymentStatus, ReleaseEntry } from '../../contract/status';
import { createPage } from '../../page/page';
import type { Topology } from '../../planning/topology';
import { settingsSchema, type Settings } from '../../settings/schema';
import { parse } from 'yaml';
import { zone } from '../settings/minimal';
import { findChromium } from '../suites/ui/chromium';

/** What is there, and what was commanded. */
export interface World {
  status: DeploymentStatus;
  topology: Topology;
  releases: ReleaseEntry[];
  log: string[];
  /** Others beside it. */
  readonly others: Awaited<ReturnType<Deployments['runningIn']>>;
  readonly commands: unknown[][];
  /** How often each question was asked. */
  readonly asked: Map<string, number>;
  /** Is told when a look at the tree has ended. */
  unwatched?: (value: unknown) => void;
}

export function deploymentsOf(world: World): Deployments {
  const count = (name: string) => world.asked.set(name, (world.asked.get(name) ?? 0) + 1);
  const answers = {
    status: async () => (count('status'), world.status),
    runningIn: async () => (count('runningIn'), [...listedNow(world), ...world.others]),
    known: async () => undefined,
    watch: async (_: unknown, show: (topology: Topology) => void, signal: AbortSignal) => {
      count('watch');
      while (!signal.aborted) {
        show(world.topology);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      world.unwatched?.(undefined);
    },
    ask: async ({ kind }: { readonly kind: string }) => {
      count(kind);
      if (kind === 'history') return world.releases;
      if (kind === 'logs')
        return [
          {
            task: '2c4e6d80',
            service: 'orders-b',
            status: 'STOPPED',
            lines: world.log.map((text) => ({ at: null, text })),
          },
        ];
      const serving = (image: string) => ({ slot: 'b', servedBy: 'container', image, version: null });
      return { Orders: world.status.live, Billing: serving('billing:7.0.0'), Payments: serving('payments:2.8') };
    },
    command: async (...sent: readonly unknown[]) => {
      world.commands.push([...sent]);
      world.status = { ...world.status, phase: 'shift', waitingFor: null, commands: ['pause', 'rollback'] };
      return { workflowId: 'production/Orders', runId: world.status.runId ?? '' };
    },
  };
  return answers as unknown as Deployments;
}

function listedNow({ status }: World): World['others'] {
  const { workflowId, runId = '', image, phase, heldIn, paused, waitingFor, deadline, outcome } = status;
  return phase === null || outcome !== null
    ? []
    : [{ workflowId, runId, image, phase, heldIn, paused, waitingFor, deadline }];
}

export const tokenOf = { Ana: '0123456789abcdefghij-ana' } as const;

export function settingsWith(dashboard: object = {}): Settings {
  process.env['CUTOVER_TEST_TOKEN'] = tokenOf.Ana;
  const own = { people: [{ name: 'Ana', token: { env: 'CUTOVER_TEST_TOKEN' } }], ...dashboard };
  const applications = { Orders: { key: '00000000-0000-4000-8000-000000000001' } };
  return settingsSchema.parse({ ...(parse(zone) as object), applications, dashboard: own });
}

export interface Served {
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** @param port default: any */
export const servePage = async (world: World, settings = settingsWith(), port = 0): Promise<Served> =>
  await servePageOver(deploymentsOf(world), settings, port);

export async function servePageOver(deployments: Deployments, settings: Settings, port = 0): Promise<Served> {
  const log = { info: () => undefined, warn: () => undefined };
  const page = createPage({ settings: () => settings, deployments: async () => deployments, log, tls: false });
  const answer = getRequestListener(page.app.fetch);
  const server: Server = createServer((request, reply) => void answer(request, reply));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}/dashboard/`,
    port: taken,
    close: async () => {
      page.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** `undefined` where there is none. */
export async function openBrowser(): Promise<Browser | undefined> {
  const executablePath = findChromium();
  return executablePath === undefined
    ? undefined
    : await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}
