/**
 * What the Temporal UI shows of a deployment under User Metadata: first what is wanted of people now, with where to click and
 * what to paste; then what is live and what happened; it stays readable after the end. Raw HTML would be passed through there
 * and links would be links, so everything that came from input or AWS is escaped.
 */
import { formatDuration } from '../../settings/durations';
import {
  dateAndTime,
  escapeMarkdown,
  formatServing,
  formatShares,
  formatStanding,
  timeOfDay,
} from '../../contract/text';
import { formatProof } from '../../contract/approvals';
import { parseDeploymentId } from '../../contract/ids';
import type { CommandName } from '../../contract/commands';
import type { DeploymentStatus, Phase } from '../../contract/status';
import { phaseTexts } from './phases';

/** Markdown; no tables, which that page shows without borders. `{namespace}` and `{runId}` are filled in by the page. */
export function formatDetails(status: DeploymentStatus): string {
  return [
    `### ${headline(status)}`,
    ...(status.failure === null ? [] : [`**Why:** ${escapeMarkdown(status.failure)}`]),
    ...wanted(status),
    ...(status.dossier === null || status.heldIn === null ? [] : [`**Next:** ${escapeMarkdown(status.dossier.next)}`]),
    ...timeLimit(status),
    facts(status).join('  \n'),
    ...unasked(status),
    fenced('', steps(status)),
    ...ignored(status),
    links(status),
  ].join('\n\n');
}

function headline({ outcome, phase, heldIn, paused, commands, failure, way }: DeploymentStatus): string {
  const { doing, rolledBack } = phaseTexts[way ?? 'blueGreen'];
  switch (outcome) {
    case 'completed':
      return failure === null ? 'Completed' : 'Completed, with something left over';
    case 'rolledBack':
      return `Rolled back: ${rolledBack}`;
    case 'failed':
    case 'terminated':
      return 'Ended before it began: nothing was changed';
    case null:
      break;
  }
  if (paused) return `Paused. Wanted: ${commands.includes('rollback') ? 'resume or rollback' : 'resume'}`;
  if (phase === 'approve') return 'Wanted: approve or reject';
  if (heldIn !== null)
    return `Holds in ${heldIn}. Wanted: ${commands.includes('rollback') ? 'retry or rollback' : 'retry'}`;
  return `Now: ${phase === null ? 'beginning' : (doing[phase] ?? phase)}`;
}

/** The commands that answer what is asked, the likeliest first. */
const answers: readonly CommandName[] = ['approve', 'retry', 'resume', 'promote', 'reject', 'rollback', 'pause'];

/** Where commands are given in the Temporal UI. */
const menu = 'At the top right of this page: *More Actions*, *Send an Update*';

/** What is asked of people, with where to click and what to paste; empty while nothing is. */
function wanted(status: DeploymentStatus): string[] {
  const { waitingFor, image } = status;
  if (waitingFor === null) return [];
  const [first, ...others] = possible(status);
  if (first === undefined) return [escapeMarkdown(waitingFor)];
  const signs = first === 'approve' && (status.approvals?.approvers.length ?? 0) > 0;
  const input = signs
    ? { signed: { statement: '…', signature: '…' } }
    : { by: 'your name', reason: 'why', ...(first === 'approve' && image !== null && { image }) };
  return [
    escapeMarkdown(waitingFor),
    `${menu}, **${first}**, with ${signs ? 'what `cutover approve --sign KEYFILE --print` prints, of this form,' : 'this'} as data:`,
    fenced('json', JSON.stringify(input, undefined, 2).split('\n')),
    ...(others.length === 0 ? [] : [`Instead of it: ${bold(others)}.`]),
  ];
}

/** The commands that are possible where nothing is asked; empty while something is. */
function unasked(status: DeploymentStatus): string[] {
  const commands = possible(status);
  if (status.waitingFor !== null || commands.length === 0) return [];
  return [`**Possible now:** ${bold(commands)}. ${menu}.`];
}

/** In a pause `resume` comes first, whatever else is asked: nothing goes on without it. */
const possible = ({ commands, paused }: DeploymentStatus) =>
  [...new Set<CommandName>([...(paused ? (['resume'] as const) : []), ...answers])].filter((name) =>
    commands.includes(name),
  );

const bold = (names: readonly CommandName[]) => names.map((name) => `**${name}**`).join(', ');

function facts(status: DeploymentStatus): string[] {
  const { image, way, desired, replicas, outcome } = status;
  const shares = formatShares(status);
  return [
    `**Live now:** ${status.live === null ? 'not known yet' : escapeMarkdown(formatServing(status.live))}`,
    ...(image === null
      ? []
      : [`**${deploys(outcome)}:** ${escapeMarkdown(image)}${way === 'rollingUpdate' ? ', replica by replica' : ''}`]),
    ...approvals(status),
    ...(shares === null ? [] : [`**Live traffic:** ${shares}`]),
    ...(desired === null || outcome !== null
      ? []
      : [`**Replicas at full strength:** ${phaseTexts[way ?? 'blueGreen'].replicas(desired)}`]),
    ...(replicas === null
      ? []
      : [
          `**Roll:** ${replicas.new} new, ${replicas.starting} starting, ${replicas.old} old, ${replicas.draining} draining`,
        ]),
    ...(status.proofs ?? []).map((says) => `**Proof:** ${escapeMarkdown(says)}`),
    ...(status.gates ?? []).map((one) => `**Gate:** ${escapeMarkdown(formatStanding(one))}`),
  ];
}

/** Who approved, how that was proven, and for which plan. */
function approvals({ approvals: own }: DeploymentStatus): string[] {
  if (own === undefined) return [];
  const counted = own.counted.map(
    (one) => `${escapeMarkdown(formatProof(one))}${one.breakGlass ? ', alone: to be countersigned' : ''}`,
  );
  return [
    ...(own.minimum > 0
      ? [
          `**Approved by:** ${counted.join('; ') || 'nobody yet'} (${own.counted.length} of ${own.minimum}); plan ${own.plan.slice(0, 19)}`,
        ]
      : []),
    ...(own.closed === null ? [] : [`**Cut:** ${escapeMarkdown(own.closed)}`]),
  ];
}

const deploys = (outcome: DeploymentStatus['outcome']) =>
  outcome === null ? 'Deploys' : outcome === 'completed' ? 'Deployed' : 'Did not deploy';

const timeLimit = ({ deadline, afterDeadline }: DeploymentStatus): string[] =>
  deadline === null
    ? []
    : [`**If nobody acts** until ${dateAndTime(deadline)} UTC: ${escapeMarkdown(lowered(afterDeadline ?? ''))}`];

/** A sentence as it is written after a colon. */
const lowered = (sentence: string) => sentence.slice(0, 1).toLowerCase() + sentence.slice(1);

const steps = ({ steps: records }: DeploymentStatus): string[] =>
  records.map(({ phase, started, ended, done }) => {
    const took = ended === null ? '' : formatDuration(Date.parse(ended) - Date.parse(started));
    const how = ended === null ? 'now' : done ? 'done' : 'stopped';
    return `${how.padEnd(7)}  ${phase.padEnd(9)}  ${timeOfDay(started)}  ${took}`.trimEnd();
  });

const ignored = ({ ignored: commands }: DeploymentStatus): string[] =>
  commands.length === 0
    ? []
    : [
        '**Ignored:**',
        commands.map(({ name, at, why }) => `- ${name} at ${timeOfDay(at)}: ${escapeMarkdown(why)}`).join('\n'),
      ];

/** Relative links, which work wherever the UI is. A slash in a workflow ID must be written as `%2F` there. */
function links({ workflowId, phase, outcome }: DeploymentStatus): string {
  const { zone } = parseDeploymentId(workflowId);
  const pages = '/namespaces/{namespace}/workflows';
  const filter = (query: string) => `${pages}?query=${urlPart(query)}`;
  const inPhase = (wanted: Phase) =>
    filter(`CutoverZone="${zone}" AND CutoverPhase="${wanted}" AND ExecutionStatus="Running"`);
  const own = phase !== null && outcome === null && !['approve', 'hold'].includes(phase) ? [phase] : [];
  return [
    `[What it did](${pages}/${urlPart(workflowId)}/{runId}/timeline)`,
    `[Its pending activities](${pages}/${urlPart(workflowId)}/{runId}/pending-activities)`,
    `[Waiting for approval](${inPhase('approve')})`,
    `[Holding](${inPhase('hold')})`,
    ...own.map((now) => `[All in ${now}](${inPhase(now)})`),
    `[All of this application](${filter(`WorkflowId="${workflowId}"`)})`,
  ].join(' · ');
}

/** Parentheses would end a Markdown link. */
const urlPart = (text: string) =>
  encodeURIComponent(text).replace(/[()'*!]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const fenced = (language: string, lines: readonly string[]) => ['```' + language, ...lines, '```'].join('\n');
