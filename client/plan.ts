/** `cutover plan`: what a deployment would do, as a diff. Nothing is touched. */
import { colors } from './colors';
import type { Budget, Change, DeploymentPreview } from '../planning/preview/preview';
import type { Settings } from '../settings/schema';
import { notInSlot } from '../contract/text';
import { exitStatuses, findTarget, print, whoAsks, withDeployments, type CommonOptions } from './options';
import type { Question } from './questions';
import { Refused, type Target } from './refused';
import { inputOf, type RunbookFlags } from './runbook-flags';
import { requestOf, strategyOf, type ImageOptions } from './start';

export interface PlanOptions extends CommonOptions, RunbookFlags, Partial<ImageOptions> {
  readonly undo?: boolean;
  readonly updateConfiguration?: boolean;
  readonly remove?: boolean;
}

/** Ends with status 2 when the deployment would change something, as programs want to know. */
export async function plan(application: string, options: PlanOptions): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = await findTarget(deployments, application, options, settings);
    const preview = await deployments.ask(questionOf(target, options, settings));
    print(options.json ? JSON.stringify(preview) : describePreview(preview));
    if (!preview.upToDate) process.exitCode = exitStatuses.planHasChanges;
  });
}

/** @throws {Refused} unless exactly one thing is asked for */
function questionOf(target: Target, options: PlanOptions, settings: Settings): Question<'plan' | 'planRunbook'> {
  const { image, undo, updateConfiguration, remove } = options;
  const wanted = [image, undo, updateConfiguration, remove].filter((one) => one !== undefined);
  if (wanted.length !== 1)
    throw new Refused('Say what to plan: --image REFERENCE, --undo, --update-configuration or --remove, one of them.');
  const strategy = strategyOf(target, options, settings);
  if (image !== undefined)
    return { kind: 'plan', ...target, deployment: { ...requestOf({ ...options, image }), strategy } };
  const input = { by: whoAsks(options), ...inputOf(options), ...(!remove && { strategy }) };
  const runbook = undo ? 'undo' : updateConfiguration ? 'updateConfiguration' : 'removeApplication';
  return { kind: 'planRunbook', ...target, runbook, input };
}

function describePreview(preview: DeploymentPreview): string {
  const { zone, application, image, modules, live, upToDate, note, changes, budgets } = preview;
  const now = live.slot === null ? notInSlot(live) : `slot ${live.slot} with ${live.image ?? 'an unknown image'}`;
  return [
    `${zone}/${application}: ${image ?? 'no image'} (${modules.join(', ')}); live now: ${now}`,
    ...(note === null ? [] : [note]),
    ...(upToDate && changes.length > 0
      ? ['This is live already. A deployment would put the same in place again:']
      : []),
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
