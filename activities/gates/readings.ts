/** What each kind of gate reads. Whoever doesn't answer is missing, and never an error: what that means, the gate says. */
import { ApplicationFailure } from '@temporalio/common';
import { request } from 'undici';
import { judgeAlarms } from '../../planning/gates/alarms';
import { judgeJson, judgePrometheus } from '../../planning/gates/answers';
import { judgeLoadBalancer } from '../../planning/gates/load-balancer';
import { missing, type Reading } from '../../planning/gates/reading';
import type { Gate, GateOf } from '../../settings/gates/schema';
import type { AwsClients } from '../aws/client/clients';
import type { KnownApplication } from '../aws/plans/applications';
import { revealed } from '../secrets';
import { describeAlarms } from './alarms';
import { describeGroupCounts, type JudgedGroup } from './load-balancer-counts';

export interface Asking {
  readonly known: KnownApplication;
  readonly clients: AwsClients;
  readonly groups: readonly JudgedGroup[];
  /** When green got its first share, in milliseconds since the epoch. */
  readonly since: number;
  readonly signal: AbortSignal;
}

/** Never throws for what the other side does, but when the activity is cancelled. */
export async function readGate(gate: Gate, asking: Asking): Promise<Reading> {
  try {
    return await readings[gate.kind](gate as never, asking);
  } catch (error) {
    asking.signal.throwIfAborted();
    return missing(whyUnread(error));
  }
}

type Readings = { readonly [Kind in Gate['kind']]: (gate: GateOf<Kind>, asking: Asking) => Promise<Reading> };

const readings: Readings = {
  alarms: async ({ names }, { clients }) => judgeAlarms(names, await describeAlarms(clients, names)),

  loadBalancer: async (gate, { clients, groups, since }) =>
    judgeLoadBalancer(gate, await describeGroupCounts(clients, groups, since), since, Date.now()),

  prometheus: async ({ address, query, headers, ...bounds }, { signal }) => {
    const url = new URL(`${addressIn(address).replace(/\/+$/, '')}/api/v1/query`);
    url.searchParams.set('query', query);
    // What is wrong with a query is told in the body of a 400 or 422.
    const { body } = await ask(url, { headers, signal });
    return judgePrometheus(JSON.parse(body), bounds);
  },

  http: async ({ address, path, headers, ...bounds }, { signal }) => {
    const { status, body } = await ask(new URL(addressIn(address)), { headers, signal });
    return status === 200 ? judgeJson(JSON.parse(body), path, bounds) : missing(`the answer was ${status}`);
  },

  webhook: async ({ address, headers, metadata }, { known: { identity }, signal }) => {
    const { name, zone: namespace } = identity;
    const content = JSON.stringify({ name, namespace, phase: 'Progressing', metadata });
    const { status, body } = await ask(new URL(addressIn(address)), { headers, signal, content });
    const said = body.trim().split('\n')[0]?.slice(0, 200) ?? '';
    return {
      verdict: status >= 200 && status < 300 ? 'passes' : 'fails',
      says: `it answered ${status}${said === '' ? '' : `, ${said}`}`,
    };
  },
};

/** Its gates come from the settings, and from nowhere else. */
const saidBySettings = () => true;
const addressIn = (address: string) => revealed(address, saidBySettings);

const answerTimeoutMs = 10_000;
const mostBytes = 1024 ** 2;

interface Question {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** What is posted, JSON. Default: it is a GET. */
  readonly content?: string;
}

/** Follows no redirect: where to is said by the settings alone. */
async function ask(
  url: URL,
  { headers, signal, content }: Question,
): Promise<{ readonly status: number; readonly body: string }> {
  const { statusCode, body } = await request(url, {
    method: content === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'application/json',
      ...(content !== undefined && { 'content-type': 'application/json' }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, revealed(value, saidBySettings)])),
    },
    ...(content !== undefined && { body: content }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
  });
  return { status: statusCode, body: await readAtMost(body) };
}

async function readAtMost(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > mostBytes) throw new Error(`the answer has more than ${mostBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** What an address is, may be a secret: nothing of it is told. */
function whyUnread(error: unknown): string {
  if (error instanceof ApplicationFailure) return error.message;
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return `no answer within ${answerTimeoutMs / 1_000} s`;
  if (error instanceof SyntaxError) return 'the answer is no JSON';
  return code === undefined ? message : `no answer: ${code}`;
}
