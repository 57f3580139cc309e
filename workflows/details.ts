/**
 * What the Temporal UI shows of a deployment under User Metadata: first what is wanted of people now, then what is live and
 * what happened. Raw HTML would be passed through there, so everything that came from input or AWS is escaped.
 */
import type { DeploymentStatus } from './messages';

/** Markdown; no tables, which that page shows without borders. */
export function detailsOf(status: DeploymentStatus): string {
  const lines = [
    `### ${headline(status)}`,
    ...wanted(status),
    ...(status.failure === null ? [] : [`**Why:** ${escapeMarkdown(status.failure)}`]),
    `**Live now:** ${live(status)}`,
    `**Image:** ${escapeMarkdown(status.image ?? '')}`,
    ['```', ...steps(status), '```'].join('\n'),
    ...ignored(status),
  ];
  return lines.join('\n\n');
}

function headline({ outcome, waitingFor, phase, heldIn }: DeploymentStatus): string {
  if (outcome === 'completed') return 'Completed';
  if (outcome === 'rolledBack') return 'Rolled back: blue serves as before';
  if (waitingFor !== null) return escapeMarkdown(waitingFor);
  return heldIn === null ? `Now: ${phase}` : `Holding in ${heldIn}`;
}

function wanted({ waitingFor, commands, deadline, afterDeadline }: DeploymentStatus): string[] {
  if (waitingFor === null) return [];
  const menu =
    'Send it from the menu beside "Request Cancellation": *Send an Update* (or *Send a Signal*), with data such as';
  return [
    `Possible now: ${commands.map((name) => `\`${name}\``).join(', ')}. ${menu} \`{"by": "your name", "reason": "why"}\`.`,
    ...(deadline === null ? [] : [`If nobody acts until ${deadline}: ${afterDeadline}`]),
  ];
}

const live = ({ live: now }: DeploymentStatus): string => {
  if (now === null) return 'not known yet';
  return now.slot === null
    ? 'the Platform Server'
    : `slot ${now.slot}, ${escapeMarkdown(now.image ?? 'an unknown image')}`;
};

const steps = ({ steps: records }: DeploymentStatus): string[] =>
  records.map(({ phase, started, ended }) => {
    const seconds = ended === null ? 'now' : `${((Date.parse(ended) - Date.parse(started)) / 1000).toFixed(1)} s`;
    return `${phase.padEnd(9)} ${started}  ${seconds}`;
  });

const ignored = ({ ignored: commands }: DeploymentStatus): string[] =>
  commands.length === 0
    ? []
    : ['**Ignored:**', ...commands.map(({ name, at, why }) => `- ${name} at ${at}: ${escapeMarkdown(why)}`)];

/** So that no text from outside is markup: HTML and Markdown both. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? character)
    .replace(/[\\`*_{}[\]()#+!|~]/g, String.raw`\$&`)
    .replace(/\s*\n\s*/g, ' ');
}
