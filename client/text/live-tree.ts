/** A deployment as a terminal draws it: its phases and their clock, then rules, shares, groups, tasks and their health. */
import { formatStanding } from '../../contract/text';
import { formatDuration } from '../../settings/durations';
import { colors } from '../../terminal/colors';
import type { Clock, PicturedPhase, Picture } from '../picture/picture';
import type { Place, Replica } from '../picture/places';
import type { Route, Share } from '../picture/routes';

/** @param now milliseconds since the epoch */
export function formatLiveTree(picture: Picture, now: number): string[] {
  const { zone, application, image, headline, clock, wanted, trouble, gates, approvals } = picture;
  return [
    `${colors.bold(`${zone}/${application}`)}  ${image ?? ''}`.trimEnd(),
    formatPhases(picture.phases),
    `${colored(picture)(headline)}${clock === null ? '' : `  ${formatClock(clock, now)}`}`,
    '',
    ...formatRoutes(picture),
    ...(gates.length + approvals.length > 0 ? [''] : []),
    ...gates.map((one) => `gate ${formatStanding(one)}`),
    ...approvals,
    ...(wanted === null ? [] : ['', colors.yellow(wanted)]),
    ...(trouble === null ? [] : ['', colors.red(trouble.failure), ...trouble.says.map((line) => `  ${line}`)]),
  ];
}

const colored = ({ stands }: Picture): ((text: string) => string) => {
  if (stands === 'holds' || stands === 'failed' || stands === 'terminated') return colors.red;
  if (stands === 'waits' || stands === 'rolledBack') return colors.yellow;
  return stands === 'completed' ? colors.green : colors.cyan;
};

const signs: Readonly<Record<PicturedPhase['state'], string>> = { done: '✓', now: '●', stopped: '✗', ahead: '·' };

function formatPhases(phases: readonly PicturedPhase[]): string {
  const color = { done: colors.green, now: colors.cyan, stopped: colors.red, ahead: colors.dim };
  return phases
    .map(({ phase, state, tookMs }) => {
      const took = state === 'done' || state === 'stopped' ? ` ${formatDuration(tookMs)}` : '';
      return color[state](`${signs[state]} ${phase}${took}`);
    })
    .join('  ');
}

/** `for 2m 10s, 7m 50s left: blue is retired.` */
function formatClock({ since, until, then }: Clock, now: number): string {
  const ran = formatDuration(seconds(now - Date.parse(since)));
  if (until === null) return `for ${ran}`;
  return `for ${ran}, ${formatDuration(seconds(Date.parse(until) - now))} left: ${then ?? ''}`;
}

/** Whole seconds, so that the clock ticks. */
const seconds = (durationMs: number) => Math.max(1, Math.round(durationMs / 1_000)) * 1_000;

/** Each place once, below the first rule that leads to it; then those to which none does. */
function formatRoutes({ routes, places }: Picture): string[] {
  const shown = new Set<string>();
  const lines = routes.flatMap((route) => [
    formatRoute(route),
    ...route.shares.flatMap((share, at) => {
      const place = places.find(({ key }) => key === share.place);
      const isFirst = place !== undefined && !shown.has(place.key);
      if (place) shown.add(place.key);
      return branch(shareLines(share, place, isFirst), at === route.shares.length - 1);
    }),
  ]);
  const rest = places.filter(({ key, replicas, role }) => !shown.has(key) && (role !== null || replicas.length > 0));
  return [...lines, ...rest.flatMap((place) => placeLines(place, routes.length === 0 ? shareOf(place) : 'in no rule'))];
}

const shareOf = ({ percent }: Place) => (percent === null ? '' : formatPercent(percent));

function formatRoute({ route, priority, through, catches }: Route): string {
  const name = `${priority ?? 'default rule'}${through === null ? '' : ` through ${through}`}`;
  return `${colors.bold(route)} ${name}  ${catches.join('  ')}`.trimEnd();
}

function shareLines({ percent, targetGroup }: Share, place: Place | undefined, isFirst: boolean): string[] {
  const share = formatPercent(percent);
  if (place === undefined) return [`${share} → ${targetGroup}`];
  return isFirst
    ? placeLines(place, `${share} →`)
    : [`${share} → ${roleOf(place)}${place.name} ${colors.dim('(as above)')}`];
}

function placeLines(place: Place, before: string): string[] {
  const { name, service, image, groups, desired, replicas } = place;
  const healthy = replicas.filter(({ health }) => health === 'healthy').length;
  const count =
    desired === null ? '' : replicas.length === 0 ? `${desired} wanted` : `${healthy} of ${desired} healthy`;
  const facts = [`${roleOf(place)}${name}`, groups[0], service === groups[0] ? null : service, image, count];
  const head = `${before} ${facts.filter(Boolean).join('  ')}`;
  return [head, ...replicas.flatMap((one, at) => branch([formatReplica(one)], at === replicas.length - 1))];
}

function roleOf({ role }: Place): string {
  if (role === null) return '';
  return `${role === 'blue' ? colors.cyan('blue') : colors.green('green')}: `;
}

const healthColors: Readonly<Record<Replica['health'], (text: string) => string>> = {
  healthy: colors.green,
  starting: colors.yellow,
  unhealthy: colors.red,
  draining: colors.yellow,
  unused: colors.dim,
};

const formatReplica = ({ id, health, says }: Replica) => `${healthColors[health]('■')} ${id}  ${says}`;

/** `[████████··] 80 %` */
function formatPercent(percent: number): string {
  const full = Math.round(percent / 10);
  return `${colors.cyan('█'.repeat(full))}${colors.dim('░'.repeat(10 - full))} ${String(percent).padStart(3)} %`;
}

const branch = ([first = '', ...rest]: readonly string[], isLast: boolean): string[] => [
  `${isLast ? '└─ ' : '├─ '}${first}`,
  ...rest.map((line) => `${isLast ? '   ' : '│  '}${line}`),
];
