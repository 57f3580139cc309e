/** One Temporal dev server for all tests that need one; its address travels in the environment. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { findTemporal } from '../local/temporal/find';
import { searchAttributes } from '../workflows/messages';

export default async function startTemporal(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const path = await findTemporal();
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      // Without it a timer of less than a second takes a second.
      extraArgs: ['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="10ms"'],
      searchAttributes: Object.values(searchAttributes),
      log: { format: 'json', level: 'error' },
    },
  });
  process.env['TEST_TEMPORAL_ADDRESS'] = environment.address;
  (globalThis as { temporalForTests?: TestWorkflowEnvironment }).temporalForTests = environment;
}
