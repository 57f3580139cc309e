/** Texts that the command line and the Temporal UI share: what serves, shares of traffic, points in time, and others' words. */
import type { GateStanding } from '../planning/gates/standing';
import type { Serving } from '../planning/observed/blue';
import type { DeploymentStatus } from './status';

/** E.g. `slot a, orders:1.4.2`, or `the Platform Server`. */
export function formatServing({ elsewhere = {}, ...serving }: Serving): string {
  const others = Object.entries(elsewhere).map(([through, other]) => `; through ${through} ${formatServing(other)}`);
  return `${formatOne(serving)}${others.join('')}`;
}

function formatOne(serving: Serving): string {
  if (serving.slot !== null) return `slot ${serving.slot}, ${imageOf(serving)}`;
  return serving.servedBy === 'platform-server'
    ? 'the Platform Server'
    : `a service of another tool, ${imageOf(serving)}`;
}

/** The image that serves, where it is known. */
export const imageOf = ({ image }: Serving): string => image ?? 'an unknown image';

/**
 * By the rules' weights, while they may still change, e.g. `green 10 %, blue 90 %`; `null` where none are known. With all of
 * the traffic, and until that is proven, green is called not proven yet.
 */
export function formatShares(status: DeploymentStatus): string | null {
  const { greenPercent, outcome, phase, heldIn } = status;
  if (greenPercent === null || outcome !== null) return null;
  const step = heldIn ?? phase;
  const isUnproven = greenPercent === 100 && (step === 'shift' || step === 'settle');
  return `green ${greenPercent} %, blue ${100 - greenPercent} %${isUnproven ? ', not proven yet' : ''}`;
}

/** `2026-11-22 03:14:15`. */
export const dateAndTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** `03:14:15`. */
export const timeOfDay = (iso: string): string => iso.slice(11, 19);

/**
 * Makes sure that no text from outside is markup, neither HTML nor Markdown: it stays one line, no address becomes a link, and
 * nothing in it turns the direction of what follows.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s*[\n\r\u2028\u2029]\s*/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD')
    .replace(/[&<>"]/g, (character) => entities[character] ?? character)
    .replace(/[\\`*_{}[\]()#+!|~]/g, String.raw`\$&`)
    .replace(/\b(https?|ftp|mailto):/gi, '$1&#58;')
    .replace(/\bwww\./gi, 'www&#46;');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Temporal takes 400 bytes: https://docs.temporal.io/develop/typescript/enriching-ui */
const longestSummary = 180;

/** What the Temporal UI shows beside a workflow's ID, where Markdown counts too; cut before it is escaped, so that no escape is. */
export function plainSummary(text: string): string {
  let kept = text.slice(0, longestSummary);
  while (escapeMarkdown(kept).length > longestSummary) kept = kept.slice(0, -1);
  return escapeMarkdown(kept);
}

/** How a gate stands, as a line of a status. */
export function formatStanding({ gate, verdict, says, failingSince, accepted = [] }: GateStanding): string {
  if (failingSince !== null) return `${gate} fails since ${failingSince}: ${says}`;
  if (accepted.length > 0) return `${gate} fails as before the deployment: ${says}`;
  return verdict === 'missing' ? `${gate} has no value: ${says}` : `${gate} passes: ${says}`;
}
