/** `cutover plan`: what a deployment would do, as a diff. Nothing is touched. */
import { colors } from './colors';
import type { Budget, Change, DeploymentPreview } from '../planning/preview';
import { requestOf, strategyOf, type RequestOptions } from './actions';
import { notInSlot } from '../workflows/messages';
import { exitStatuses, findTarget, print, withDeployments, type CommonOptions } from './options';

/** Ends with status 2 when the deployment would change something, as programs want to know. */
export async function plan(application: string, options: CommonOptions & RequestOptions): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = await findTarget(deployments, application, options, settings);
    const deployment = { ...requestOf(options), strategy: strategyOf(target, options, settings) };
    const preview = await deployments.ask({ kind: 'plan', ...target, deployment });
    print(options.json ? JSON.stringify(preview) : describePreview(preview));
    if (!preview.upToDate) process.exitCode = exitStatuses.planHasChanges;
  });
}

export function describePreview(preview: DeploymentPreview): string {
  const { zone, application, image, modules, live, upToDate, changes, budgets } = preview;
  const now = live.slot === null ? notInSlot(live) : `slot ${live.slot} with ${live.image ?? 'an unknown image'}`;
  return [
    `${zone}/${application}: ${image} (${modules.join(', ')}); live now: ${now}`,
    ...(upToDate ? ['This is live already. A deployment would put the same in place again:'] : []),
    '',
    ...changes.flatMap(changeLines),
    ...narrowed(preview),
    '',
    ...budgets.map(budgetLine),
    `${summary(changes)} Nothing was touched.`,
  ].join('\n');
}

/** What was caught by chance until now is said before it is missed. */
const narrowed = ({ stopsCatching }: DeploymentPreview): string[] =>
  stopsCatching.length === 0
    ? []
    : ['', 'No longer caught, and left to the other rules:', ...stopsCatching.map((line) => `    ${colors.red(line)}`)];

const signs = { create: '+', change: '~', delete: '-' } as const;
const paint = { '+': colors.green, '~': colors.yellow, '-': colors.red } as const;

function changeLines({ action, what, name, details }: Change): string[] {
  const sign = signs[action];
  return [paint[sign](`${sign} ${what} ${name}`), ...details.map((line) => `    ${painted(line)}`)];
}

const painted = (line: string) =>
  line.startsWith('+ ') ? colors.green(line) : line.startsWith('- ') ? colors.red(line) : line;

function budgetLine({ what, used, atMost, limit }: Budget): string {
  const line = `${what}: ${used} now, ${atMost} at most, of ${limit}`;
  return atMost > limit ? colors.red(`${line}: too many, have the limit raised first`) : colors.dim(line);
}

function summary(changes: readonly Change[]): string {
  const count = (wanted: Change['action']) => changes.filter(({ action }) => action === wanted).length;
  return `${count('create')} to create, ${count('change')} to change, ${count('delete')} to delete.`;
}
