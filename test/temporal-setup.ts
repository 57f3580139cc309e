/**
 * One Temporal dev server for all tests that need one; its address travels in the environment. Files that run at the same time
 * use the same task queues, so each of jest's workers has a namespace of its own.
 */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { findTemporal } from '../local/temporal/find';
import { searchAttributes } from '../contract/ids';

const mostWorkers = 8;
export const namespaceOf = (jestWorker: string | number = 1): string => `jest-${jestWorker}`;

export default async function startTemporal(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const path = await findTemporal();
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      // Without it a timer of less than a second takes a second.
      extraArgs: [
        '--dynamic-config-value',
        'history.timerProcessorMaxTimeShift="10ms"',
        ...Array.from({ length: mostWorkers }, (_, index) => ['--namespace', namespaceOf(index + 1)]).flat(),
      ],
      searchAttributes: Object.values(searchAttributes),
      log: { format: 'json', level: 'error' },
    },
  });
  process.env['TEST_TEMPORAL_ADDRESS'] = environment.address;
  (globalThis as { temporalForTests?: TestWorkflowEnvironment }).temporalForTests = environment;
}
