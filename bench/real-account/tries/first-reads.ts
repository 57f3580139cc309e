import { fixed, makeRule, makeService, pause, type Stage } from '../stage';
import type { Try } from '../try';

/** Creates a rule and a service many times, reads them at once and again for 5 s, and removes them. */
export const firstReads: Try = {
  name: 'first-reads',
  question: 'How often, and for how long, do reads in the first 5 s not see what was created?',
  assumes: 'Whatever cutover has just made may be missing from a read for some seconds.',
  run: async (stage) => {
    const [rules, services, tasks]: number[][] = [[], [], []];
    for (let index = 0; index < stage.options.times; index++) {
      rules?.push(await ruleUnseen(stage, index));
      const name = await makeService(stage, `read-${index}`);
      services?.push(await unseenMs(stage, () => serviceSeen(stage, name)));
      tasks?.push(await unseenMs(stage, () => listed(stage, name)));
      await stage.account.ecs.deleteService({ cluster: stage.name, service: name, force: true });
    }
    return {
      describeRules: summary(rules ?? []),
      describeServices: summary(services ?? []),
      listTasks: summary(tasks ?? []),
    };
  },
};

async function ruleUnseen(stage: Stage, index: number): Promise<number> {
  const { RuleArn } = await makeRule(stage, 200, `/read-${index}`, fixed('read'));
  const ms = await unseenMs(stage, async () => {
    const { Rules = [] } = await stage.account.elb.describeRules({ ListenerArn: stage.listenerArn });
    return Rules.some((rule) => rule.RuleArn === RuleArn);
  });
  await stage.account.elb.deleteRule({ RuleArn });
  return ms;
}

async function serviceSeen({ account, name }: Stage, service: string): Promise<boolean> {
  const { services = [] } = await account.ecs.describeServices({ cluster: name, services: [service] });
  return services.length > 0;
}

async function listed({ account, name }: Stage, service: string): Promise<boolean> {
  try {
    await account.ecs.listTasks({ cluster: name, serviceName: service });
    return true;
  } catch (error) {
    if ((error as Error).name === 'ServiceNotFoundException') return false;
    throw error;
  }
}

/** Milliseconds from now until the last read that didn't see it; 0 when each of the first three did. */
async function unseenMs(stage: Stage, seen: () => Promise<boolean>): Promise<number> {
  const began = Date.now();
  let last = 0;
  for (let inARow = 0; inARow < 3 && Date.now() - began < 5_000; await pause(stage, 100)) {
    inARow = (await seen()) ? inARow + 1 : 0;
    if (inARow === 0) last = Math.max(1, Date.now() - began);
  }
  return last;
}

const summary = (times: readonly number[]) => ({
  times: times.length,
  unseen: times.filter((ms) => ms > 0).length,
  longestMs: Math.max(0, ...times),
});
