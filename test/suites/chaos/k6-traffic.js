// What k6 sends while deployments go on: pages, uploads, long streams and WebSockets, each request on a connection of its own, because
// Go's client would silently send one again that a kept connection lost. Its counts are judged by foreign-traffic.test.ts.
import http from 'k6/http';
import { check } from 'k6';
import { Counter, Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';

const { ADDRESS, COOKIE, MODULES, SUMMARY } = __ENV;
const modules = MODULES.split(',');
const params = { headers: { Cookie: COOKIE }, timeout: '30s', redirects: 0 };
const upload = 'x'.repeat(1_000_000);
const sockets = new Counter('sockets_whole');
/** When one ended before its last message: those open at the end are cut off by k6 itself. */
const brokenAt = new Trend('sockets_broken_at');

const steady = (exec, rate) => ({
  exec,
  executor: 'constant-arrival-rate',
  rate,
  timeUnit: '1s',
  duration: '1h',
  preAllocatedVUs: 20,
  maxVUs: 100,
  gracefulStop: '30s',
});

export const options = {
  noConnectionReuse: true,
  scenarios: {
    pages: steady('page', 20),
    uploads: steady('uploads', 2),
    streams: steady('stream', 2),
    sockets: steady('socket', 2),
  },
};

const anyModule = () => modules[Math.floor(Math.random() * modules.length)];
const isWhole = (answer) => answer.status === 200;

export function page() {
  check(http.get(`${ADDRESS}/${anyModule()}/`, params), { 'a page': isWhole });
}

export function uploads() {
  const answer = http.post(`${ADDRESS}/${anyModule()}/upload`, upload, params);
  check(answer, { 'an upload': (given) => isWhole(given) && given.json('received') === upload.length });
}

export function stream() {
  const answer = http.get(`${ADDRESS}/${anyModule()}/slow?ms=1200`, params);
  check(answer, { 'a stream': (given) => isWhole(given) && given.body.endsWith('end\n') });
}

/** Ten messages, one every tenth of a second, each of which must come back. */
export function socket() {
  const connection = new WebSocket(`${ADDRESS.replace('http', 'ws')}/${anyModule()}/socket`, null, {
    headers: params.headers,
  });
  let heard = 0;
  connection.onmessage = () => {
    heard += 1;
    if (heard > 10) connection.close();
    else setTimeout(() => connection.send(`message ${heard}`), 100);
  };
  connection.onclose = () => (heard > 10 ? sockets.add(1) : brokenAt.add(Date.now()));
  connection.onerror = () => brokenAt.add(Date.now());
}

export function handleSummary(data) {
  return { [SUMMARY]: JSON.stringify(data.metrics) };
}
