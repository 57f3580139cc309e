/** Orders on its way from 1.4.1 to 1.4.2, with what there is of it, for the page and for its pictures. */
import type { DeploymentStatus, ReleaseEntry } from '../../contract/status';
import type { Topology } from '../../planning/topology';
import { orders, ordersOnAws } from '../client/picture/orders';
import type { World } from './world';

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();
const step = (phase: DeploymentStatus['steps'][number]['phase'], from: number, to?: number) => ({
  phase,
  started: ago(from),
  ended: to === undefined ? null : ago(to),
  done: to !== undefined,
});

const replica = (id: string, host: number, state = 'healthy') => ({
  id,
  status: 'RUNNING',
  target: { address: `10.0.1.${host}`, port: 8080, state, reason: null },
});

/** Three replicas each, all of them healthy. */
export function threeEach(shares: { readonly a: number; readonly b: number }): Topology {
  const topology = ordersOnAws(shares);
  const test = {
    ...topology.rules[0]!,
    route: 'test' as const,
    priority: 1001,
    forwards: [{ targetGroup: 'orders-b', percent: 100 }],
  };
  return {
    ...topology,
    rules: [...topology.rules, test],
    slots: topology.slots.map((slot, at) => ({
      ...slot,
      service: { ...slot.service!, name: `Orders-${slot.slot}`, desired: 3 },
      tasks: [1, 2, 3].map((one) => replica(`${at}${one}3a5b7c9d`, at * 10 + one)),
    })),
  };
}

/** Blue's three; green rests for as long as its start holds. */
export function restingGreen(): Topology {
  const topology = threeEach({ a: 100, b: 0 });
  return {
    ...topology,
    slots: topology.slots.map((slot) =>
      slot.slot === 'b' ? { ...slot, service: { ...slot.service!, desired: 0 }, tasks: [] } : slot,
    ),
  };
}

const before = [step('plan', 460, 458), step('prepare', 458, 455), step('start', 455, 402), step('verify', 402, 396)];

/** Waits for an approval. */
export const waiting = (): DeploymentStatus =>
  orders({
    phase: 'approve',
    desired: { blue: 3, green: 3 },
    waitingFor: 'Green orders:1.4.2 is verified and serves nobody yet: approve to shift live traffic to it, or reject.',
    deadline: ago(-85_000),
    afterDeadline: 'It rolls back: blue keeps all live traffic.',
    commands: ['approve', 'reject', 'pause'],
    steps: [...before, step('approve', 396)],
  });

/** At its second share. */
export const shifting = (): DeploymentStatus => ({
  ...orders({
    phase: 'bake',
    greenPercent: 30,
    desired: { blue: 3, green: 3 },
    commands: ['pause', 'rollback', 'promote'],
  }),
  deadline: ago(-412),
  afterDeadline: 'The bake ends, and green gets its next share of live traffic.',
  steps: [...before, step('approve', 396, 290), step('shift', 290, 288), step('settle', 288, 188), step('bake', 188)],
  gates: [
    {
      gate: 'errors',
      verdict: 'passes',
      says: '0.02 % of green’s requests fail, 0.03 % of blue’s',
      at: ago(4),
      failingSince: null,
    },
    { gate: 'checkout', verdict: 'passes', says: 'alarm checkout-failed is OK', at: ago(4), failingSince: null },
  ],
});

/** Holds, with all that is known of why. */
export const holding = (): DeploymentStatus => ({
  ...orders({ phase: 'hold', heldIn: 'start', desired: { blue: 3, green: 3 }, commands: ['retry', 'rollback'] }),
  waitingFor: 'Step start failed: mend the cause and retry, or roll back.',
  deadline: ago(-84_900),
  afterDeadline: 'It rolls back.',
  steps: [
    step('plan', 160, 158),
    step('prepare', 158, 155),
    { ...step('start', 155, 60), done: false },
    step('hold', 60),
  ],
  failure: 'Orders-b did not become healthy: task 2c4e6d80 stopped with exit code 1. Traffic stays on blue.',
  dossier: {
    at: ago(60),
    phase: 'start',
    failure: 'Orders-b did not become healthy',
    tasks: ['task 2c4e6d80 stopped 61 s ago: Essential container in task exited, exit code 1'],
    targets: [],
    events: ['(service Orders-b) has started 1 tasks: (task 2c4e6d80)'],
    changed: ["a task definition, green's target group and its test rules were made"],
    next: 'Mend the cause, then retry: the step is done once more. A rollback leaves blue as it is.',
    unread: null,
  },
});

const release = (version: string, days: number, more: Partial<ReleaseEntry>): ReleaseEntry => ({
  taskDefinition: `Orders:${version}`,
  image: `orders:${version}`,
  digest: `sha256:${version}`,
  configuration: null,
  at: ago(days * 86_400),
  by: 'Ana',
  reason: null,
  strategy: 'blueGreen',
  outcome: 'completed',
  seconds: 912,
  failedRequests: 0,
  live: false,
  ...more,
});

export const releases = (): ReleaseEntry[] => [
  release('1.4.2', 0, { outcome: null, seconds: null, reason: 'ticket 4711' }),
  release('1.4.1', 6, { live: true, approvals: ['Rui (token of https://login.example.com)'] }),
  release('1.4.0', 13, { outcome: 'rolledBack', seconds: 214, by: 'Rui', reason: 'wrong prices', failedRequests: 12 }),
  release('1.3.9', 20, { strategy: 'rollingUpdate', seconds: 604 }),
];

const other = (application: string, more: Partial<World['others'][number]>): World['others'][number] => ({
  workflowId: `production/${application}`,
  runId: `${application}-run`,
  image: null,
  phase: 'verify',
  heldIn: null,
  paused: false,
  waitingFor: null,
  deadline: null,
  ...more,
});

export const worldOf = (status: DeploymentStatus, topology = threeEach({ a: 100, b: 0 })): World => ({
  status,
  topology,
  releases: releases(),
  log: [
    'info: Starting',
    'fail: The connection string "Orders" is empty.',
    'crit: Unhandled exception. System.InvalidOperationException',
  ],
  others: [
    other('Billing', { image: 'billing:7.0.1' }),
    other('Payments', {
      image: 'payments:2.9',
      phase: 'hold',
      heldIn: 'start',
      waitingFor: 'Step start failed: mend the cause and retry, or roll back.',
    }),
  ],
  commands: [],
  asked: new Map(),
});
