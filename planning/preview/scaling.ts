/** What a deployment does with the scalable targets of Service Auto Scaling. */
import type { DeploymentPlan } from '../plans/deployment';
import type { Change } from './preview';
import { isSuspended } from '../scaling/scaling';

const what = 'scalable target';

export function scaling({ scaling: planned = {}, green: { service } }: DeploymentPlan): Change[] {
  const { blue, green, idle = [], left = [] } = planned;
  return [
    ...idle.map((name): Change => ({
      action: 'delete',
      what,
      name,
      details: ['at the start: nobody is served by that service'],
    })),
    ...(blue?.settled
      ? [
          change('change', blue.service, [
            `from ${blue.settled.minimum} tasks on, as before a deployment that was terminated`,
          ]),
        ]
      : []),
    ...(blue && green
      ? [
          change('create', service.name, [
            `${green.minimum} to ${green.maximum} tasks${isSuspended(green) ? ", suspended as blue's is" : ''}, at least as many as blue had until the bake is over`,
            ...green.policies.map(
              ({ name, step }) => `policy ${name}${step ? ', which its alarms call once green serves' : ''}`,
            ),
            ...left.map((name) => `without policy ${name}, which can't scale a twin`),
            ...green.scheduled.map(({ name, schedule }) => `scheduled action ${name}, ${schedule}`),
          ]),
          change('delete', blue.service, ['once the bake is over, with its policies and scheduled actions']),
        ]
      : []),
  ];
}

const change = (action: Change['action'], name: string, details: readonly string[]): Change => ({
  action,
  what,
  name,
  details,
});
