/** A local AWS for tests: a folder of its own, free ports, the SDK's clients, and a stand-in for the load balancer. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ECS } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Authority } from '../src/acm/authority';
import { stopTasks } from '../src/tasks';
import { runAws, type AwsOptions, type RunningAws } from '../src/control-plane';
import { authorityVariable } from './authority-setup';
import { startProxyStandIn, testControlKey, type ProxyStandIn } from './proxy-stand-in';

export { testControlKey };

export interface LocalAws {
  readonly folder: string;
  readonly proxy: ProxyStandIn;
  aws: RunningAws;
  ecs: ECS;
  elbv2: ElasticLoadBalancingV2;
  /** Ends the control plane and starts it again on the same folder. */
  restart(): Promise<void>;
  /** Ends its tasks as well. */
  close(): Promise<void>;
}

export async function startLocalAws(given: Partial<AwsOptions> = {}): Promise<LocalAws> {
  const folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
  const proxy = await startProxyStandIn();
  const authority = process.env[authorityVariable];
  const options: AwsOptions = {
    folder,
    port: 0,
    controlPort: 0,
    controlKey: testControlKey,
    proxyControlUrl: proxy.url,
    timeScale: 20,
    // Most tests are about one thing; those of reads, rates and chance ask for them.
    staleReads: false,
    rates: 'off',
    imagesFolder: join(folder, 'images'),
    keys: { [testCredentials.accessKeyId]: testCredentials.secretAccessKey },
    log: { info: () => undefined, error: () => undefined },
    ...(authority !== undefined && { authority: JSON.parse(authority) as Authority }),
    ...given,
  };
  const aws = await runAws(options);
  const local: LocalAws = {
    folder,
    proxy,
    aws,
    ...clientsOf(aws.endpoint),
    restart: async () => {
      await local.aws.close();
      local.aws = await runAws(options);
      Object.assign(local, clientsOf(local.aws.endpoint));
    },
    close: async () => {
      await local.aws.close();
      await stopTasks(folder);
      await proxy.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return local;
}

export const testCredentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export function clientsOf(endpoint: string): { ecs: ECS; elbv2: ElasticLoadBalancingV2 } {
  const settings = { endpoint, region: 'us-east-1', credentials: testCredentials, maxAttempts: 1 };
  return { ecs: new ECS(settings), elbv2: new ElasticLoadBalancingV2(settings) };
}

/** Asks until the answer is as wanted, and fails with the last answer when that takes too long. */
export async function eventually<Answer>(
  ask: () => Promise<Answer> | Answer,
  wanted: (answer: Answer) => boolean,
  withinMs = 120_000,
): Promise<Answer> {
  const deadline = Date.now() + withinMs;
  // What takes long is asked more and more seldom: answers cost more than patience.
  for (let pauseMs = 20; ; pauseMs = Math.min(200, 1.5 * pauseMs)) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`Not as wanted in time: ${JSON.stringify(answer, null, 1)}`);
    await sleep(pauseMs);
  }
}
