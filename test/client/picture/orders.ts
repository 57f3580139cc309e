/** A deployment of Orders, and what is there of it on AWS. */
import type { DeploymentStatus, Phase, StepRecord } from '../../../contract/status';
import type { SlotTree, Topology } from '../../../planning/topology';

const begin = Date.parse('2026-11-22T12:00:00Z');
const at = (seconds: number) => new Date(begin + seconds * 1_000).toISOString();

/** @param from seconds after noon, as `to` */
export const step = (phase: Phase, from: number, to?: number): StepRecord => ({
  phase,
  started: at(from),
  ended: to === undefined ? null : at(to),
  done: to !== undefined,
});

/** From slot a, 1.4.1, to slot b, 1.4.2. */
export const orders = (differing: Partial<DeploymentStatus>): DeploymentStatus => ({
  workflowId: 'production/Orders',
  strategy: 'blueGreen',
  way: 'blueGreen',
  image: 'orders:1.4.2',
  phase: 'start',
  heldIn: null,
  outcome: null,
  live: { slot: 'a', servedBy: 'container', image: 'orders:1.4.1', version: '1.4.1' },
  waitingFor: null,
  deadline: null,
  afterDeadline: null,
  commands: [],
  runId: '0f0f0f0f-0000-4000-8000-000000000000',
  paused: false,
  greenPercent: 0,
  desired: { blue: 1, green: 2 },
  replicas: null,
  failure: null,
  dossier: null,
  steps: [step('plan', 0, 1), step('start', 1)],
  ignored: [],
  ...differing,
});

/** @param shares of the two slots' target groups in the one live rule */
export const ordersOnAws = (shares: { readonly a: number; readonly b: number }): Topology => ({
  zone: 'production',
  application: 'Orders',
  at: at(0),
  defaultTargetGroup: 'platform-server',
  rules: [
    {
      route: 'live',
      priority: 1000,
      catches: ['^/(Orders|OrdersAPI)(/.*)?$'],
      forwards: [
        { targetGroup: 'orders-a', percent: shares.a },
        { targetGroup: 'orders-b', percent: shares.b },
      ],
    },
  ],
  slots: [
    slot('a', 'orders:1.4.1', 1, [task('1f3a5b7099', '10.0.0.1')]),
    slot('b', 'orders:1.4.2', 2, [
      task('2c4e6d8099', '10.0.0.2'),
      { id: '3a5c7e9099', status: 'PENDING', target: null },
    ]),
  ],
});

const task = (id: string, address: string) => ({
  id,
  status: 'RUNNING',
  target: { address, port: 8080, state: 'healthy', reason: null },
});

const slot = (name: 'a' | 'b', image: string, desired: number, tasks: SlotTree['tasks']): SlotTree => ({
  slot: name,
  targetGroup: `orders-${name}`,
  service: { name: `orders-${name}`, image, desired, running: tasks.length, pending: 0 },
  tasks,
  otherTargets: [],
});
