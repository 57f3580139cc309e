/** What the load balancer counts under CloudWatch's names: the answers of targets, its own answers, and failures to connect. */
import type { CountReport } from '../../src/load-balancer/configuration';
import { freePort } from '../free-port';
import { get } from './client';
import {
  cleanUpAfterEach,
  forwardTo,
  group,
  groupArn,
  path,
  rule,
  startBackend,
  startDataPlane,
  target,
  unchecked,
} from './data-plane';

const cleanUp = cleanUpAfterEach();

async function countsOf(controlUrl: string): Promise<Record<string, Record<string, number>>> {
  const { counts } = (await (await fetch(`${controlUrl}/counts?since=0`)).json()) as CountReport;
  const sums: Record<string, Record<string, number>> = {};
  for (const { targetGroupArn, values } of counts) {
    const sum = (sums[targetGroupArn] ??= {});
    for (const [metric, value] of Object.entries(values)) sum[metric] = (sum[metric] ?? 0) + value;
  }
  return sums;
}

test('every request is counted once by who answered it, and health checks are not', async () => {
  const answering = await startBackend((request, response) => {
    response.statusCode = Number(request.url?.slice('/some/'.length));
    response.end();
  });
  const backend = cleanUp(answering);
  const gone = await freePort();
  const groups = [group('some', [target(backend.port)]), group('gone', [target(gone)], unchecked), group('none', [])];
  const rules = [
    rule(1, [path('/some/*')], forwardTo('some')),
    rule(2, [path('/gone')], forwardTo('gone')),
    rule(3, [path('/none')], forwardTo('none')),
    rule(4, [path('/fixed')], { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }),
    rule('default', [], { Type: 'redirect', RedirectConfig: { Path: '/some', StatusCode: 'HTTP_302' } }),
  ];
  const plane = cleanUp(await startDataPlane({ groups, rules }));
  await plane.until((targets) => targets.some(({ state }) => state === 'healthy'));
  for (const url of ['/some/200', '/some/204', '/some/302', '/some/404', '/some/500', '/gone', '/none', '/fixed', '/'])
    await get(plane.url + url);
  expect(await countsOf(plane.proxy.controlUrl)).toEqual({
    [groupArn('some')]: {
      RequestCount: 5,
      HTTPCode_Target_2XX_Count: 2,
      HTTPCode_Target_3XX_Count: 1,
      HTTPCode_Target_4XX_Count: 1,
      HTTPCode_Target_5XX_Count: 1,
      TargetResponseTime: expect.any(Number),
      'TargetResponseTime samples': 5,
    },
    [groupArn('gone')]: {
      RequestCount: 1,
      TargetConnectionErrorCount: 1,
      HTTPCode_ELB_5XX_Count: 1,
      HTTPCode_ELB_502_Count: 1,
    },
    '': {
      HTTPCode_ELB_5XX_Count: 1,
      HTTPCode_ELB_503_Count: 1,
      HTTPCode_ELB_4XX_Count: 1,
      HTTPCode_ELB_3XX_Count: 1,
    },
  });
});
