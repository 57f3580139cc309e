import { serveHealth } from '../../worker/health';

test('a process that has lost Temporal is neither healthy nor ready; one whose workers stopped is not ready', async () => {
  const state = { isReady: true, isConnected: true };
  const health = await serveHealth('127.0.0.1:0', {
    isReady: () => state.isReady,
    isConnected: () => state.isConnected,
  });
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${health.port}${path}`);
    return [answer.status, (await answer.text()).trim()];
  };
  expect(await ask('/healthz')).toEqual([200, 'ok']);
  expect(await ask('/readyz')).toEqual([200, 'ok']);
  state.isReady = false;
  expect(await ask('/healthz')).toEqual([200, 'ok']);
  expect(await ask('/readyz')).toEqual([503, 'its workers do not all take work']);
  state.isConnected = false;
  expect(await ask('/healthz')).toEqual([503, 'Temporal was not reached lately']);
  expect(await ask('/readyz')).toEqual([503, 'Temporal was not reached lately']);
  expect(await ask('/other')).toEqual([404, 'not found']);
  await health.close();
});
