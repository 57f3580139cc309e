/** A staging as lines, for the command line and the Temporal UI: LifeTime's deployment and the platform's calls as one tree. */
import { hookMethods } from './hook-calls';
import type { JoinedDeployment, JoinedOperation, LifeTimeState, StagingStatus } from './staging';
import { dateAndTime } from './text';

const interventions: Readonly<Record<string, string>> = {
  deploy_prepared: 'has prepared everything and waits before it deploys',
  business_process_impact: 'says that processes which run are affected',
  needs_configuration_or_confirmation: 'wants a configuration or a confirmation: give it there first',
  deployment_suspended: 'has suspended the deployment',
};

/** What LifeTime wants; `null` when nothing. @param info of its status: any other word is said as it is */
export function formatIntervention(state: LifeTimeState | null, info: string): string | null {
  if (state !== 'needs_user_intervention') return null;
  const what = Object.hasOwn(interventions, info)
    ? interventions[info]
    : `wants people to look (${info || 'it says no more'})`;
  return `LifeTime ${what}. Approve to let it go on, or abort.`;
}

const isIn = (state: LifeTimeState | null) => (state === null ? '' : `: ${state}`);

export function formatStaging(status: StagingStatus): string[] {
  const { from, to, doing, outcome, deployment, state, failure, waitingFor, away, notes } = status;
  const commands = `cutover stage --to ${quoted(to)}`;
  return [
    `${from} to ${to}: ${outcome ?? doing}`,
    ...(deployment === null ? [] : [`LifeTime's deployment ${deployment}${isIn(state)}${lastOf(status)}`]),
    ...formatTree(status),
    ...(waitingFor === null ? [] : [`Wanted: ${waitingFor} "${commands} --approve", "${commands} --abort"`]),
    ...(away === null ? [] : [`LifeTime doesn't answer, and is asked again: ${away}`]),
    ...(failure === null ? [] : [failure]),
    ...notes,
  ];
}

const quoted = (name: string) => (/^[\w.-]+$/.test(name) ? name : JSON.stringify(name));
const lastOf = ({ lastMessage, outcome }: StagingStatus) =>
  lastMessage === null || outcome !== null ? '' : `, ${lastMessage}`;

/** An application, under it the platform's calls, under each the deployment that it began. */
function formatTree({ applications, operations }: StagingStatus): string[] {
  const named = new Set(applications.map(({ key }) => key.toLowerCase()));
  const groups = [
    ...applications.map(({ name, key, operation }) => ({
      head: `${name}${operation === null ? '' : `  ${operation}`}`,
      own: operations.filter(({ applicationKey }) => applicationKey === key.toLowerCase()),
    })),
    // What LifeTime redeploys besides.
    ...[...new Set(operations.map(({ applicationKey }) => applicationKey))]
      .filter((key) => !named.has(key))
      .map((key) => ({ head: key, own: operations.filter(({ applicationKey }) => applicationKey === key) })),
  ];
  return groups.flatMap(({ head, own }, at) =>
    branch(
      [head, ...own.flatMap((one, index) => branch(formatOperation(one), index === own.length - 1))],
      at === groups.length - 1,
    ),
  );
}

function formatOperation({ method, doing, isOver, answered, error, deployment }: JoinedOperation): string[] {
  const { step } = hookMethods[method];
  const now =
    error ??
    (answered === null ? (isOver ? 'is over' : (doing ?? 'nobody answers for it now')) : `answered ${answered}`);
  return [`${step}  ${now}`, ...(deployment === null ? [] : branch(formatDeployment(deployment), true))];
}

function formatDeployment({ workflowId, isOver, phase, outcome, waitingFor, deadline }: JoinedDeployment): string[] {
  const head = `${workflowId}  ${isOver ? (outcome ?? 'is over') : (phase ?? 'begins')}`;
  if (isOver || waitingFor === null) return [head];
  const until = deadline === null ? '' : ` Until ${dateAndTime(deadline)} UTC.`;
  return [
    head,
    `Wanted: ${waitingFor}${until} "cutover status ${workflowId.includes(' ') ? JSON.stringify(workflowId) : workflowId}"`,
  ];
}

const branch = ([first = '', ...rest]: readonly string[], isLast: boolean): string[] => [
  `${isLast ? '└─ ' : '├─ '}${first}`,
  ...rest.map((line) => `${isLast ? '   ' : '│  '}${line}`),
];
