/** Whoever reads the log of many deployments finds the lines of one. */
import { deploymentFields, workerLog } from '../../worker/log';

test.each([
  ['a deployment', { workflowId: 'production/Orders', runId: 'run-1' }, ['production', 'Orders', 'run-1']],
  ['its activities', { workflowId: 'production/Orders', workflowRunId: 'run-1' }, ['production', 'Orders', 'run-1']],
  ['an application with a slash', { workflowId: 'production/A/B', runId: 'run-1' }, ['production', 'A/B', 'run-1']],
  ['a question', { workflowId: 'describe/live/production/Orders/1a2b', runId: 'run-1' }, ['production', 'Orders']],
  ['a question about a zone', { workflowId: 'describe/zone/production/1a2b', runId: 'run-1' }, ['production']],
  ['an operation of the platform', { workflowId: 'hook/ContainerRun/1_2', runId: 'run-1' }, []],
  ['nobody', {}, []],
])('a line of %s says whose it is', (_, facts, [zone, application, deployment]) => {
  expect(deploymentFields(facts)).toEqual({
    ...(zone !== undefined && { zone }),
    ...(application !== undefined && { application }),
    ...(deployment !== undefined && { deployment }),
  });
});

test('a line is one object of JSON, with the error in full and without what is of no use', () => {
  const lines: string[] = [];
  const log = workerLog('info', { write: (line) => void lines.push(line) });
  log.warn('AWS call failed', { workflowId: 'production/Orders', error: new Error('Rate exceeded'), taskToken: 'abc' });
  log.debug('nobody asked for this');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({
      level: 40,
      msg: 'AWS call failed',
      zone: 'production',
      application: 'Orders',
      err: expect.objectContaining({ message: 'Rate exceeded' }),
    }),
  ]);
  expect(lines.join('')).not.toContain('taskToken');
});
