/** What befalls a deployment: every write call once, or every wait once. One kind in a run, so that what it costs is known. */
import { probeSummaries, waitSummaries } from '../../../../workflows/text/activity-summaries';
import type { Fault } from '../runbooks';
import type { Lane } from './lane';

export interface Strike {
  /** The column of the table. */
  readonly name: string;
  /** What strikes each write of the application once; nothing where only something else dies. */
  readonly faults: (application: string) => readonly Fault[];
  /** What dies, and when: as a write is struck, as it has been answered, or while something is waited for. */
  readonly dies?: { readonly when: 'struck' | 'answered' | 'waiting'; readonly who: (lane: Lane) => Promise<void> };
  /** Whether it is felt by every application of the stack. */
  readonly everybody?: true;
  /** Whether requests end with what dies: then only answers of the wrong server count as lost. */
  readonly cutsConnections?: true;
}

/** Longer than any write waits for its answer (activities/leases.ts), so that it takes effect after it was given up. */
const tooLateMs = 5_000;

const each = (application: string) => ({ operation: '*', only: 'writes', about: application, repeats: false });
const one = (more: Fault) => (application: string) => [{ ...each(application), ...more }];
const nothing = () => [];
const worker = async (lane: Lane) => await lane.killWorker();
const process_ = (name: 'temporal' | 'aws' | 'loadBalancer') => async (lane: Lane) =>
  void (await lane.living.killAndAwaitSuccessor(name));

export const undisturbed: Strike = { name: 'nothing', faults: nothing };

export const strikes: readonly Strike[] = [
  { name: 'fails', faults: one({ kind: 'error', code: 'InternalFailure', status: 500 }) },
  {
    name: 'throttled',
    faults: (application) =>
      Object.entries({ 'elasticloadbalancing:*': 'Throttling', 'ecs:*': 'ThrottlingException' }).map(
        ([operation, code]) => ({ ...each(application), kind: 'error', operation, code, status: 400 }),
      ),
  },
  { name: 'too late', faults: one({ kind: 'latency', latencyMs: tooLateMs }) },
  { name: 'answer lost', faults: one({ kind: 'noAnswer', effect: true, how: 'reset' }) },
  { name: 'refused', faults: one({ kind: 'accessDenied' }) },
  {
    name: 'worker dies before',
    faults: one({ kind: 'noAnswer', effect: false, how: 'hang' }),
    dies: { when: 'struck', who: worker },
  },
  {
    name: 'between',
    faults: one({ kind: 'noAnswer', effect: true, how: 'hang' }),
    dies: { when: 'struck', who: worker },
  },
  { name: 'after', faults: nothing, dies: { when: 'answered', who: worker } },
  {
    name: 'Temporal dies',
    faults: one({ kind: 'latency', latencyMs: 1_500 }),
    dies: { when: 'struck', who: process_('temporal') },
    everybody: true,
  },
  { name: 'wait: worker dies', faults: nothing, dies: { when: 'waiting', who: worker } },
  { name: 'wait: AWS dies', faults: nothing, dies: { when: 'waiting', who: process_('aws') }, everybody: true },
  {
    name: 'wait: load balancer dies',
    faults: nothing,
    dies: { when: 'waiting', who: process_('loadBalancer') },
    everybody: true,
    cutsConnections: true,
  },
];

/** The activities that wait for something, or look for as long as it takes. Watches go on beside others. */
export const waits: ReadonlySet<string> = new Set(
  [...Object.keys(waitSummaries), ...Object.keys(probeSummaries)].filter((name) => !name.startsWith('watch')),
);
