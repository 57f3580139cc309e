import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { weigh } from './bundle-weight';

// The bundler takes the AWS SDK without a word, and a workflow that loads it is neither small nor deterministic.
const bundle = readFileSync(join(__dirname, '../../lib/workflow-bundle.js'), 'utf8');
const preloading = /preloadModules=function preloadModules\(\)\{(.*?)\}/;
const [code = ''] = bundle.split('//# sourceMappingURL=');

test('the workflow bundle holds neither the AWS SDK nor Node’s own modules', () => {
  expect(bundle).toContain('blueGreen');
  expect(bundle).not.toMatch(/node_modules\/@(aws-sdk|smithy)\//);
  expect(bundle).not.toMatch(/require\("node:/);
});

// Every workflow that is started or replayed evaluates what isn't preloaded, in its own memory.
test('the workflow bundle is light: at most 1 MB, and the schemas are evaluated once a worker', () => {
  expect(code.length).toBeLessThan(1_000_000);
  const [, preloaded = ''] = preloading.exec(code) ?? [];
  const readsInput = ['commands', 'hook-calls', 'questions', 'runbook-requests'];
  for (const name of readsInput) expect(preloaded).toContain(`./lib/contract/${name}.js`);
});

test('a workflow that has read its input holds at most 0.3 MiB, and costs little beside one that evaluates the schemas', async () => {
  const own = await weigh(bundle);
  const evaluating = await weigh(bundle.replace(preloading, 'preloadModules=function preloadModules(){}'));
  expect(own.mebibytes).toBeLessThan(0.3);
  expect(own.mebibytes).toBeLessThan(evaluating.mebibytes / 5);
  // In a process that has run much the SDK's own share is twice as large.
  expect(own.cpuMs).toBeLessThan(0.75 * evaluating.cpuMs);
});
