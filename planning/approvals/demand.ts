/** What a run's approvals must be, decided with its plan: the settings say it, and no input makes it less. */
import { createHash } from 'node:crypto';
import { canonical } from '../../settings/approvals/canonical';
import { believesInputs, isTrusted, type ApprovalPolicy } from '../../settings/approvals/policy';
import type { ResolvedRunbookOptions, RunbookOptions } from '../../settings/runbook';
import { Refusal } from '../refusal';
import { formatWindow } from './cut-times';

export interface ApprovalDemand {
  /** How many different people must approve; 0 where whoever reaches Temporal is trusted. */
  readonly minimum: number;
  /** Their names in the settings; the keys are read when an approval comes. */
  readonly approvers: readonly string[];
  /** Who may not approve, as the one who started it called himself; `null` where anybody may. */
  readonly starter: string | null;
  /** SHA-256 of the plan, without this. Empty in a preview. */
  readonly plan: string;
  /** The image's digest; `null` where there is none. */
  readonly image: string | null;
  /** How people read it, a sentence each. */
  readonly says: readonly string[];
  /** Whether windows or frozen days are to be asked about before a cut. */
  readonly timed: boolean;
}

/** Before it is known what is approved. */
export type PlannedDemand = Omit<ApprovalDemand, 'plan' | 'image'>;

export interface DemandRequest {
  readonly policy: ApprovalPolicy | undefined;
  readonly runbook: string;
  /** What the input says. */
  readonly input: RunbookOptions & { readonly by?: string | undefined };
  /** What the settings say, or what holds in their place. */
  readonly zone: RunbookOptions;
  readonly options: Pick<ResolvedRunbookOptions, 'approval'>;
}

/** A way back, or out, isn't kept waiting: an undo brings what has served before. */
const goesBack: readonly string[] = ['undo', 'retireWarm'];

/**
 * `undefined` where the settings say nothing, and all is as without a policy.
 * @throws {Refusal} when the input would make it less than the settings want
 */
export function planDemand(request: DemandRequest): PlannedDemand | undefined {
  const { policy, runbook, input, options } = request;
  if (policy === undefined || goesBack.includes(runbook)) return undefined;
  const trusted = isTrusted(policy);
  if (!believesInputs(policy)) refuseByInput(request);
  const { minimum = 1, approvers, notTheStarter, windows, freeze } = policy;
  if (notTheStarter && input.by === undefined)
    throw new Refusal('approvals.notTheStarter must know who starts it: say so with "by". Nothing was changed.');
  const asked = !trusted && options.approval !== 'none';
  return {
    minimum: trusted ? 0 : minimum,
    approvers: approvers.map(({ name }) => name),
    starter: notTheStarter ? (input.by ?? null) : null,
    timed: windows.length > 0 || freeze.length > 0,
    says: [
      ...(asked
        ? [
            `Wants ${minimum === 1 ? 'a signed approval' : `${minimum} signed approvals`} of ${approvers.map(({ name }) => name).join(', ')}${notTheStarter ? `, but not of ${input.by}, who starts it` : ''}.`,
          ]
        : []),
      ...(windows.length > 0 ? [`A cut begins only in: ${windows.map(formatWindow).join('; ')}.`] : []),
      ...freeze.map(
        ({ from, to, reason, timeZone }) => `No cut begins from ${from} to ${to} (${timeZone}): ${reason}.`,
      ),
    ],
  };
}

/**
 * What holds in the place of the settings' own `approval`: an undo asks nobody, for it is urgent, and brings what has served before.
 * A removal asks nobody either, but where approvers are named: to leave the containers is a cut.
 */
export function unasked(runbook: string, policy: ApprovalPolicy | undefined): { readonly approval?: 'none' } {
  const asksNobody = runbook === 'undo' || (runbook === 'removeApplication' && isTrusted(policy));
  return asksNobody ? { approval: 'none' } : {};
}

function refuseByInput({ runbook, input, zone }: DemandRequest): void {
  if (runbook === 'removeApplication' && input.removal === 'automatic' && zone.removal !== 'automatic')
    throw new Refusal(
      'The settings say removal: ask, and approvals.notByInput that no input says otherwise: leave "removal" out. Nothing was changed.',
    );
  const set = zone.approval ?? 'afterVerify';
  // Where nobody is asked, an input may only ask for more.
  if (input.approval === undefined || input.approval === set || set === 'none') return;
  throw new Refusal(
    `The settings say approval: ${set}, and approvals.notByInput that no input says otherwise: leave "approval" out. Nothing was changed.`,
  );
}

/** As a plan has it. @param image the digest of what it brings */
export const demandFor = (demand: PlannedDemand | undefined, image: string | null): { approvals?: ApprovalDemand } =>
  demand ? { approvals: { ...demand, plan: '', image } } : {};

/** Changes a plan, which may be in a plan by its strategy. */
export const changePlan = <Plan extends object>(plan: Plan, change: <Own extends object>(own: Own) => Own): Plan =>
  'plan' in plan && typeof plan.plan === 'object' && plan.plan !== null
    ? { ...plan, plan: change(plan.plan) }
    : change(plan);

/** A plan, or a plan by its strategy, whose demand names it: what is approved is this and nothing else. */
export const sealed = <Plan extends object>(plan: Plan): Plan => changePlan(plan, sealOne);

function sealOne<Plan extends object>(plan: Plan): Plan {
  const { approvals, ...rest } = plan as { approvals?: ApprovalDemand };
  if (approvals === undefined) return plan;
  const digest = `sha256:${createHash('sha256').update(canonical(rest)).digest('hex')}`;
  return { ...plan, approvals: { ...approvals, plan: digest } };
}

/** The starter by the name, or by another one under which this person starts deployments; `ana@build1` is `ana`. */
export function isStarter(
  starter: string,
  { name, also }: { readonly name: string; readonly also: readonly string[] },
) {
  const forms = (text: string) => [text.trim().toLowerCase(), text.trim().toLowerCase().split('@')[0] ?? ''];
  const theirs = forms(starter);
  return [name, ...also].some((one) => forms(one).some((form) => theirs.includes(form)));
}
