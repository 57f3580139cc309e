import { behind, fixed, makeGroup, makeRule, makeService, networkOf } from '../stage';
import { outcomeOf, type Try } from '../try';

/** Updates a service without tasks to the network configuration and load balancers that it has. */
export const unchangedUpdate: Try = {
  name: 'unchanged-update',
  question: 'Does UpdateService with an unchanged networkConfiguration and loadBalancers begin a deployment?',
  assumes: 'No new deployment, so writing what is wanted again harms nobody.',
  run: async (stage) => {
    const { ecs } = stage.account;
    const group = await makeGroup(stage, 'unchanged');
    await makeRule(stage, 121, '/unchanged', [{ Type: 'forward', TargetGroupArn: group }]);
    const service = await makeService(stage, 'unchanged', { loadBalancers: behind(group) });
    const same = { networkConfiguration: networkOf(stage.options), loadBalancers: behind(group) };
    const outcome = await outcomeOf(() => ecs.updateService({ cluster: stage.name, service, ...same }));
    const { services = [] } = await ecs.describeServices({ cluster: stage.name, services: [service] });
    return { outcome, deployments: services[0]?.deployments?.length ?? 0 };
  },
};

/** Takes a service's target group out of its only rule, and then its tasks. */
export const groupWithoutRule: Try = {
  name: 'group-without-rule',
  question: 'Is UpdateService to 0 tasks refused for a service whose target group is in no rule?',
  assumes: 'It may be, so cutover takes the tasks away before the rule.',
  run: async (stage) => {
    const group = await makeGroup(stage, 'unruled');
    const rule = await makeRule(stage, 131, '/unruled', [{ Type: 'forward', TargetGroupArn: group }]);
    const service = await makeService(stage, 'unruled', { loadBalancers: behind(group), desiredCount: 1 });
    await stage.account.elb.modifyRule({ RuleArn: rule.RuleArn, Actions: fixed('nobody') });
    const update = { cluster: stage.name, service, desiredCount: 0 };
    return { desiredCount0: await outcomeOf(() => stage.account.ecs.updateService(update)) };
  },
};

/** Creates a Fargate service with empty lists for placement. */
export const emptyPlacement: Try = {
  name: 'empty-placement',
  question: 'Does CreateService on Fargate take placementStrategy [] and placementConstraints []?',
  assumes: 'It does: a twin of a service is made with the lists that the service has.',
  run: async (stage) => ({
    created: await outcomeOf(() =>
      makeService(stage, 'placement', { placementStrategy: [], placementConstraints: [] }),
    ),
  }),
};
