/** `cutover approve` and `cutover countersign`: by name where that is enough, signed where the settings name approvers. */
import type { Command } from 'commander';
import type { ApprovalsStatus } from '../../contract/approvals';
import type { DeploymentStatus } from '../../contract/status';
import { Refused } from '../errors';
import { print } from '../../terminal/print';
import { applicationCommand, ofRun, userOf, type CommonOptions } from '../options';
import { withSession, type Session } from '../session';
import { parseTarget, type Target } from '../target';
import type { Approved, SigningOptions } from './sign';

interface ApproveOptions extends CommonOptions, SigningOptions {
  readonly by?: string;
  readonly image?: string;
  readonly print?: boolean;
  readonly printStatement?: boolean;
  readonly run?: string;
}

export function approvalCommands(program: Command): void {
  signing(ofRun(applicationCommand(program, 'approve')))
    .description('lets a deployment go on that waits for an approval')
    .option('--by <name>', 'who says so, where names are believed (default: user@host)')
    .option('--reason <text>', 'why, for the history')
    .option('--image <reference>', 'only if this image is the one that waits')
    .option('--break-glass', 'alone, at any time, with a reason; somebody else countersigns it later')
    .action(approve);
  signing(applicationCommand(program, 'countersign'))
    .description('says that somebody else has looked at what one person alone approved')
    .option('--reason <text>', 'what was found')
    .option('--run <id>', 'which, if there are several')
    .action(countersign);
}

const signing = (command: Command): Command =>
  command
    .option('--sign <file>', 'sign with this Ed25519 key, or with ssh-agent by its .pub file')
    .option('--as <name>', 'the approver in the settings (default: whose key it is)')
    .option('--token <file>', 'prove it with a token of your OpenID Connect issuer instead')
    .option('--statement <file>', 'what was signed, as --print-statement wrote it')
    .option('--signature <file>', 'the signature of that statement, made with ssh-keygen -Y sign -n cutover')
    .option('--expires <duration>', 'how long it holds (default: 24h)')
    .option('--print', 'print the signed approval for the Temporal UI, and send nothing')
    .option('--print-statement', 'print what is to be signed, and send nothing');

async function approve(application: string, options: ApproveOptions): Promise<void> {
  await withSession(options, async (session) => {
    const target = parseTarget(application, options, session.settings);
    const seen = await session.deployments.status(target);
    if (options.run !== undefined && options.run !== seen.runId)
      throw new Refused(
        `Run ${options.run} of ${seen.workflowId} is over, or never was: look at "cutover status" first.`,
      );
    const input = await approvalOf(session, target, seen, options);
    if (input === undefined) return;
    // What goes on is the run that was looked at, and none that began meanwhile.
    const run = await session.deployments.command(target, 'approve', input, seen.runId);
    const status = await session.deployments.statusOf(run);
    print(options.json ? JSON.stringify(status) : formatApproved(seen, status));
  });
}

/** What became of an approval. @param seen what was known as it was given */
export function formatApproved(seen: Pick<DeploymentStatus, 'sick'>, status: DeploymentStatus): string {
  const accepted = `approve accepted; the deployment is in ${formatPhase(status)}${formatCount(status)}`;
  if (seen.sick === undefined) return accepted;
  return `${accepted} Green was sick as it was approved: ${seen.sick} It is looked at once more, and nothing moves unless it is well.`;
}

const formatPhase = ({ phase, heldIn }: DeploymentStatus) => (heldIn === null ? String(phase) : `hold (${heldIn})`);

/** How many are there, and why no cut may begin, while that is waited for. */
function formatCount({ approvals, phase }: DeploymentStatus): string {
  if (phase !== 'approve' || !approvals) return '.';
  const { counted, minimum, closed } = approvals;
  return `${minimum > 0 ? `: ${counted.length} of ${minimum} approvals` : ''}.${closed === null ? '' : ` ${closed}`}`;
}

/** `undefined` where it was only printed. */
async function approvalOf(session: Session, target: Target, seen: DeploymentStatus, options: ApproveOptions) {
  const { isSigned } = await import('./sign.js');
  const { reason, image, breakGlass } = options;
  const about = { ...(reason !== undefined && { reason }), ...(image !== undefined && { image }) };
  if (!isSigned(options) && !options.printStatement) {
    if (breakGlass) throw new Refused('A broken glass is signed: give --sign KEYFILE.');
    return { by: userOf(options), ...about };
  }
  const signed = await signedOrPrinted(session, target, approvedIn(seen), options);
  return signed && { ...(image !== undefined && { image }), signed };
}

/** @throws {Refused} when no signature is wanted */
function approvedIn({ approvals, outcome }: DeploymentStatus): Approved {
  if (approvals === undefined || approvals.approvers.length === 0)
    throw new Refused('The settings name no approvers here: approve without a signature.');
  const { moment, workflow, run, plan, image }: ApprovalsStatus = approvals;
  if (moment === null || outcome !== null) throw new Refused('Nothing waits for an approval now.');
  return { approval: moment, workflow, run, plan, image };
}

async function countersign(application: string, options: ApproveOptions): Promise<void> {
  await withSession(options, async (session) => {
    const { chosenGlass } = await import('./glasses.js');
    const target = parseTarget(application, options, session.settings);
    const glass = chosenGlass(
      await session.deployments.glasses(target.zone, target.application),
      application,
      options.run,
    );
    const { workflow, run, demand } = glass;
    const { plan, image } = demand;
    const approved: Approved = { approval: 'countersign', workflow, run, plan, image };
    const signed = await signedOrPrinted(session, target, approved, options);
    if (signed === undefined) return;
    await session.deployments.countersign(glass, signed);
    print(
      options.json ? JSON.stringify({ workflow, run, countersigned: true }) : `countersigned: ${workflow}, run ${run}.`,
    );
  });
}

async function signedOrPrinted(session: Session, target: Target, approved: Approved, options: ApproveOptions) {
  const { signApproval, statementOf } = await import('./sign.js');
  const { nonceOf } = await import('../../settings/approvals/nonce.js');
  if (options.printStatement) {
    if (options.as === undefined) throw new Refused('Say who approves: --as NAME, as the settings have it.');
    const statement = statementOf(approved, options.as, options);
    print(options.json ? JSON.stringify({ statement, nonce: nonceOf(statement) }) : statement);
    return undefined;
  }
  const signed = await signApproval(approved, session.settings, target, options);
  if (!options.print) return signed;
  print(JSON.stringify({ signed }));
  return undefined;
}
