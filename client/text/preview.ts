/** What a deployment would do, as a diff for people, a line each. */
import { formatServing, imageOf } from '../../contract/text';
import type { Budget, Change, DeploymentPreview } from '../../planning/preview/preview';
import { colors } from '../../terminal/colors';

export function formatPreview(preview: DeploymentPreview): string[] {
  const { zone, application, image, modules, live, upToDate, note, changes, budgets } = preview;
  const now = live.slot === null ? formatServing(live) : `slot ${live.slot} with ${imageOf(live)}`;
  return [
    `${zone}/${application}: ${image ?? 'no image'} (${modules.join(', ')}); live now: ${now}`,
    ...(note === null ? [] : [note]),
    ...(upToDate && changes.length > 0
      ? ['This is live already. A deployment would put the same in place again:']
      : []),
    '',
    ...changes.flatMap(formatChange),
    ...noLongerCaught(preview),
    ...unseen(preview),
    ...leftBehind(preview),
    ...approvals(preview),
    ...gates(preview),
    '',
    ...budgets.map(formatBudget),
    `${formatSummary(changes)} Nothing was touched.`,
  ];
}

/** Paths that the rules caught by chance until now are listed before anyone misses them. */
const noLongerCaught = ({ stopsCatching }: DeploymentPreview): string[] =>
  stopsCatching.length === 0
    ? []
    : ['', 'No longer caught, and left to the other rules:', ...stopsCatching.map((line) => `    ${colors.red(line)}`)];

const unseen = ({ unseenRequests = [] }: DeploymentPreview): string[] =>
  unseenRequests.length === 0
    ? []
    : [
        '',
        'Nobody will have seen these answered before users meet them:',
        ...unseenRequests.map((line) => `    ${line}`),
      ];

const leftBehind = ({ leftBehind: lines = [] }: DeploymentPreview): string[] =>
  lines.length === 0 ? [] : ['', 'Users whom the move does not reach:', ...lines.map((line) => `    ${line}`)];

const approvals = ({ approvals: says = [] }: DeploymentPreview): string[] => (says.length === 0 ? [] : ['', ...says]);

const gates = ({ gates: names = [] }: DeploymentPreview): string[] =>
  names.length === 0
    ? []
    : ['', `Judged from the first share of traffic to the end of the bake by: ${names.join(', ')}`];

const signs = { create: '+', change: '~', delete: '-' } as const;
const paint = { '+': colors.green, '~': colors.yellow, '-': colors.red } as const;

function formatChange({ action, what, name, details }: Change): string[] {
  const sign = signs[action];
  return [paint[sign](`${sign} ${what} ${name}`), ...details.map((line) => `    ${paintDetail(line)}`)];
}

const paintDetail = (line: string) =>
  line.startsWith('+ ') ? colors.green(line) : line.startsWith('- ') ? colors.red(line) : line;

function formatBudget({ what, used, atMost, limit }: Budget): string {
  const line = `${what}: ${used} now, ${atMost} at most, of ${limit}`;
  return atMost > limit ? colors.red(`${line}: too many, have the limit raised first`) : colors.dim(line);
}

function formatSummary(changes: readonly Change[]): string {
  const count = (wanted: Change['action']) => changes.filter(({ action }) => action === wanted).length;
  return `${count('create')} to create, ${count('change')} to change, ${count('delete')} to delete.`;
}
