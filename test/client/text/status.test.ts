/** What `cutover status` says first. */
import { formatStatus } from '../../../client/text/status';
import type { DeploymentStatus } from '../../../contract/status';
import type { Serving } from '../../../planning/observed/blue';

const never = (live: Serving): DeploymentStatus => ({
  workflowId: 'production/Sales',
  strategy: null,
  way: null,
  image: null,
  phase: null,
  heldIn: null,
  outcome: null,
  live,
  waitingFor: null,
  deadline: null,
  afterDeadline: null,
  commands: [],
  paused: false,
  greenPercent: null,
  desired: null,
  replicas: null,
  failure: null,
  dossier: null,
  steps: [],
  ignored: [],
});

test('what serves under a new name was deployed, under the name before', () => {
  const headline = (live: Serving) => formatStatus(never(live))[0];
  expect(headline({ slot: 'b', servedBy: 'container', image: 'sales:1', version: '1' })).toBe(
    'production/Sales: not deployed under this name yet',
  );
  expect(headline({ slot: null, servedBy: 'platform-server', image: null, version: null })).toBe(
    'production/Sales: never deployed',
  );
});
