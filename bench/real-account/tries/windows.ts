import { behind, ecsTags, makeGroup, makeRule, makeService, pause, type Stage } from '../stage';
import { NotTried, type Try } from '../try';

const atMostMs = 40 * 60_000;
const lookEveryMs = 10_000;

/** What was new, and how many seconds after CreateService. */
interface Seen {
  readonly seconds: number;
  readonly says: string;
}

/** Starts one task of a Windows image on Fargate behind a target group, and notes what ECS and the load balancer say of it. */
export const windows: Try = {
  name: 'windows',
  question: 'Which events and target states come from CreateService to healthy with a Windows image?',
  assumes: 'Pulls of 5 to 10 minutes, and answers 500 or 503 while IIS warms up.',
  run: async (stage) => {
    const { options, haste = 1 } = stage;
    if (options.windows === undefined) throw new NotTried('give --windows IMAGE');
    const group = await makeGroup(stage, 'windows');
    await makeRule(stage, 151, '/windows', [{ Type: 'forward', TargetGroupArn: group }]);
    const taskDefinition = await register(stage, options.windows);
    const began = Date.now();
    const service = await makeService(stage, 'windows', {
      taskDefinition,
      loadBalancers: behind(group),
      desiredCount: 1,
      healthCheckGracePeriodSeconds: atMostMs / 1000,
    });
    const seen: Seen[] = [];
    for (let state = ''; state !== 'healthy'; await pause(stage, lookEveryMs / haste)) {
      const found = await look(stage, service, group);
      state = found.state;
      const news = found.says.filter((says) => !seen.some((one) => one.says === says));
      for (const says of news) seen.push({ seconds: Math.round((Date.now() - began) / 1000), says });
      if (Date.now() - began > atMostMs / haste) break;
    }
    return { image: options.windows, seen };
  },
};

async function register(stage: Stage, image: string): Promise<string> {
  const { taskDefinition } = await stage.account.ecs.registerTaskDefinition({
    family: `${stage.name}-windows`,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '1024',
    memory: '2048',
    runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE', cpuArchitecture: 'X86_64' },
    containerDefinitions: [{ name: 'web', image, portMappings: [{ containerPort: 80 }] }],
    tags: ecsTags(stage),
  });
  return taskDefinition?.taskDefinitionArn ?? '';
}

/** The target's state, and everything that is said now. */
async function look({ account, name }: Stage, service: string, group: string) {
  const { services = [] } = await account.ecs.describeServices({ cluster: name, services: [service] });
  const { TargetHealthDescriptions = [] } = await account.elb.describeTargetHealth({ TargetGroupArn: group });
  const events = (services[0]?.events ?? []).toReversed().map(({ message = '' }) => message);
  const targets = TargetHealthDescriptions.map(({ TargetHealth: { State = '', Reason = '', Description = '' } = {} }) =>
    ['target', State, Reason, Description].filter((part) => part !== '').join(' '),
  );
  const isHealthy = TargetHealthDescriptions.some(({ TargetHealth }) => TargetHealth?.State === 'healthy');
  return { state: isHealthy ? 'healthy' : '', says: [...events, ...targets] };
}
