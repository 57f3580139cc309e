import { Worker } from '@temporalio/worker';
import { join } from 'node:path';
import { readHistory, recordedHistories } from './histories';

const workflowBundle = { codePath: join(__dirname, '../../../lib/workflow-bundle.js') };

test('there are histories to replay', () => expect(recordedHistories().length).toBeGreaterThan(0));

test.each(recordedHistories())('a deployment that ended as %s still runs the same way', async (name) => {
  await expect(Worker.runReplayHistory({ workflowBundle }, readHistory(name))).resolves.toBeUndefined();
});
