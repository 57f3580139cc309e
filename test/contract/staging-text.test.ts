/** A staging as people read it: one tree, and what is wanted of them. */
import type { JoinedOperation, StagingStatus } from '../../contract/staging';
import { formatStaging } from '../../contract/staging-text';

const operation = (more: Partial<JoinedOperation>): JoinedOperation => ({
  workflowId: 'hook/ContainerBuild/k_o',
  method: 'ContainerBuild',
  applicationKey: 'k',
  startedAt: '2026-11-30T10:00:00.000Z',
  doing: null,
  isOver: true,
  answered: 'success',
  error: null,
  deployment: null,
  ...more,
});
const status: StagingStatus = {
  workflowId: 'stage:production',
  from: 'Development',
  to: 'Production',
  doing: 'LifeTime deploys',
  applications: [
    { name: 'Orders', key: 'K', operation: 'Deploy 1.5' },
    { name: 'Billing', key: 'b', operation: null },
  ],
  deployment: 'd-1',
  state: 'running',
  info: '',
  messages: 3,
  lastMessage: "Deploying 'Orders'",
  away: null,
  operations: [
    operation({}),
    operation({
      method: 'ContainerRun',
      isOver: false,
      answered: null,
      doing: 'Follows the deployment production/Orders',
      deployment: {
        workflowId: 'production/Orders',
        isOver: false,
        phase: 'approve',
        outcome: null,
        waitingFor: 'Green is verified: approve it.',
        deadline: '2026-11-30T10:30:00.000Z',
      },
    }),
    operation({ applicationKey: 'redeployed', answered: 'error', error: 'No image.' }),
  ],
  waitingFor: null,
  commands: ['abort'],
  outcome: null,
  failure: null,
  notes: [],
};

test('LifeTime’s deployment, the calls of each application and what they began are one tree', () => {
  expect(formatStaging(status)).toEqual([
    'Development to Production: LifeTime deploys',
    "LifeTime's deployment d-1: running, Deploying 'Orders'",
    '├─ Orders  Deploy 1.5',
    '│  ├─ Container Build  answered success',
    '│  └─ Container Run  Follows the deployment production/Orders',
    '│     └─ production/Orders  approve',
    '│        Wanted: Green is verified: approve it. Until 2026-11-30 10:30:00 UTC. "cutover status production/Orders"',
    '├─ Billing',
    '└─ redeployed',
    '   └─ Container Build  No image.',
  ]);
});

test('what LifeTime wants is said with the commands that give it', () => {
  const asked = {
    ...status,
    to: 'Pre Production',
    operations: [],
    waitingFor: 'LifeTime has prepared everything and waits before it deploys. Approve to let it go on, or abort.',
    away: 'no answer',
  };
  expect(formatStaging(asked).slice(-2)).toEqual([
    'Wanted: LifeTime has prepared everything and waits before it deploys. Approve to let it go on, or abort. "cutover stage --to "Pre Production" --approve", "cutover stage --to "Pre Production" --abort"',
    "LifeTime doesn't answer, and is asked again: no answer",
  ]);
});
