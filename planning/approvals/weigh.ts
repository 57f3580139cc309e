/**
 * What counts of the approvals that a run was given, and whether it may go on. Everything is looked at anew each time: what has
 * expired since, and what the settings no longer know, counts no more.
 */
import { isTrusted, type ApprovalPolicy, type Approver } from '../../settings/approvals/policy';
import { parsePublicKey } from '../../settings/approvals/ssh-key';
import type { ApprovalMoment, CountedApproval, Examined, Statement } from './counted';
import { cutTimeAt } from './cut-times';
import { isStarter, type ApprovalDemand } from './demand';

export interface Weighing {
  readonly demand: ApprovalDemand;
  /** As the settings have it now. Default: nothing of it. */
  readonly policy: ApprovalPolicy | undefined;
  readonly moment: ApprovalMoment;
  /** Whether people are asked; else only the time is looked at. */
  readonly asks: boolean;
  readonly workflow: string;
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly counted: readonly CountedApproval[];
  /** What came since. */
  readonly examined: readonly Examined[];
}

export interface Verdict {
  readonly counted: readonly CountedApproval[];
  /** By the place in what was examined: why it doesn't count, a sentence; `null` where it does. */
  readonly answers: readonly (string | null)[];
  /** Approvals that counted until now, a sentence each. */
  readonly lapsed: readonly string[];
  /** How many more are wanted. */
  readonly missing: number;
  readonly brokenGlass: boolean;
  /** Why no cut may begin now, a sentence; `null` when one may. */
  readonly closed: string | null;
  /** When it is worth to look again, ISO 8601; `null` where no time opens. */
  readonly opensAt: string | null;
  /** Whether the run may go on. */
  readonly goes: boolean;
}

export function weigh(asked: Weighing): Verdict {
  const { demand, policy, moment, asks, nowMs } = asked;
  const kept = asked.counted.map((one) => [one, lapse(one, policy, nowMs)] as const);
  const counted = kept.flatMap(([one, why]) => (why === null ? [one] : []));
  const answers = asked.examined.map((one) => {
    const why = 'why' in one ? one.why : objection(one, asked, counted);
    if (why !== null || 'why' in one) return why;
    const own = counted.findIndex(({ approver }) => approver === one.person);
    counted.splice(own === -1 ? counted.length : own, 1, countedOf(one));
    return null;
  });
  const brokenGlass = counted.some(({ breakGlass }) => breakGlass === true);
  // An edit of the settings may ask for more than the plan did, and never for less.
  const minimum = Math.max(demand.minimum, isTrusted(policy) ? 0 : (policy?.minimum ?? 1));
  const missing = !asks || brokenGlass ? 0 : Math.max(0, minimum - counted.length);
  const time = cutTimeAt(policy ?? { windows: [], freeze: [] }, nowMs);
  const isCut = moment === 'afterVerify' && !brokenGlass;
  const closed = isCut && !time.open ? time : null;
  return {
    counted,
    answers,
    lapsed: kept.flatMap(([, why]) => why ?? []),
    missing,
    brokenGlass,
    closed: closed?.why ?? null,
    opensAt: closed?.opensAt == null ? null : new Date(closed.opensAt).toISOString(),
    goes: missing === 0 && closed === null,
  };
}

const countedOf = ({ at, statement, person, proof }: Extract<Examined, { statement: unknown }>): CountedApproval => ({
  approver: person,
  proof,
  at,
  expires: statement.expires,
  ...(statement.reason !== undefined && { reason: statement.reason }),
  ...(statement.breakGlass && { breakGlass: true }),
});

/** Why an approval that counted doesn't any more; `null` while it does. */
function lapse({ approver, proof, expires }: CountedApproval, policy: ApprovalPolicy | undefined, nowMs: number) {
  if (Date.parse(expires) <= nowMs) return `The approval of ${approver} has expired.`;
  const known = policy?.approvers.find(({ name }) => name === approver);
  return known && isStillKnown(known, proof) ? null : `The settings no longer know ${approver} by what was shown.`;
}

const isStillKnown = ({ keys, oidc }: Approver, proof: CountedApproval['proof']): boolean =>
  proof.kind === 'key'
    ? keys.some((line) => parsePublicKey(line)?.fingerprint === proof.fingerprint)
    : oidc?.issuer === proof.issuer;

/** The longest that an approval may hold: nobody remembers next month what he looked at. */
const longestMs = 8 * 24 * 3_600_000;

/** Why an approval that is proven doesn't count; `null` when it does. */
function objection(
  { statement, person, proof }: Extract<Examined, { statement: unknown }>,
  { demand, policy, moment, workflow, run, nowMs }: Weighing,
  counted: readonly CountedApproval[],
): string | null {
  const foreign = differs(statement, { workflow, run, moment, demand });
  if (foreign !== null) return foreign;
  const left = Date.parse(statement.expires) - nowMs;
  if (left <= 0) return `It expired at ${statement.expires}.`;
  if (left > longestMs) return 'It would hold for more than 8 days: sign one that expires sooner.';
  const known = policy?.approvers.find(({ name }) => name === person);
  if (statement.approver !== person || !known)
    return `It says that ${statement.approver} approves, but the ${proof.kind} is that of ${person}.`;
  if (statement.breakGlass && statement.reason === undefined) return 'Who breaks the glass says why: give a reason.';
  const own = counted.find(({ approver }) => approver === person);
  if (own && !(statement.breakGlass && !own.breakGlass)) return `${person} has approved already, and counts once.`;
  if (!statement.breakGlass && demand.starter !== null && isStarter(demand.starter, known))
    return `${person} started this deployment, and approvals.notTheStarter wants somebody else.`;
  return null;
}

/** What else a statement is for. */
function differs(
  statement: Statement,
  { workflow, run, moment, demand }: Pick<Weighing, 'workflow' | 'run' | 'moment' | 'demand'>,
): string | null {
  if (statement.workflow !== workflow) return `It is for ${statement.workflow}, not for ${workflow}.`;
  if (statement.run !== run) return 'It is for another run of this deployment: look at this one, and sign anew.';
  if (statement.plan !== demand.plan) return 'It is for another plan: look at this one, and sign anew.';
  if (statement.image !== demand.image) return `It is for ${statement.image}, not for ${demand.image}.`;
  if (statement.approval !== moment) return `It is given for ${statement.approval}, and ${moment} is asked for now.`;
  return null;
}
