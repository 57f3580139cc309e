import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// The bundler takes the AWS SDK without a word, and a workflow that loads it is neither small nor deterministic.
test('the workflow bundle holds neither the AWS SDK nor Node’s own modules', () => {
  const bundle = readFileSync(join(__dirname, '../../lib/workflow-bundle.js'), 'utf8');
  expect(bundle).toContain('blueGreen');
  expect(bundle).not.toMatch(/node_modules\/@(aws-sdk|smithy)\//);
  expect(bundle).not.toMatch(/require\("node:/);
});
