/** `cutover audit verify`: whether the audit trail of a zone is whole, where it is kept or in copies of it. */
import type { Command } from 'commander';
import type { AuditReport, Head } from '../../settings/audit/chain';
import { Refused } from '../errors';
import { print } from '../../terminal/print';
import { exitStatuses, withCommonFlags, type CommonOptions } from '../options';
import { withSession } from '../session';
import { chosenZone } from '../target';

interface VerifyOptions extends CommonOptions {
  readonly head?: string;
}

export function auditCommand(program: Command): void {
  const command = program.command('audit').description('looks at the audit trail');
  withCommonFlags(command.command('verify [files...]'))
    .description('tells whether a zone’s audit trail is whole: where it is kept, or in copies of it')
    .option('--head <number:hash>', 'the line that somebody noted as the last one')
    .action(verify);
}

async function verify(files: readonly string[], options: VerifyOptions): Promise<void> {
  const noted = options.head === undefined ? undefined : parseHead(options.head);
  const report = files.length > 0 ? await verifyFiles(files, options, noted) : await verifyKept(options, noted);
  print(options.json ? JSON.stringify(report) : formatReport(report));
  if (report.findings.length > 0) process.exitCode = exitStatuses.error;
}

/** In a busy zone lines come while it is read. */
const looks = 5;

/**
 * A worker reads what is kept; the run that wrote it says how far it came. Lines beyond that are a finding only where nothing was
 * written meanwhile.
 */
async function verifyKept(options: VerifyOptions, noted: Head | undefined): Promise<AuditReport> {
  return await withSession(options, async ({ deployments, settings }) => {
    const zone = chosenZone(options, settings);
    const ask = async (head: Head | undefined, final: boolean) =>
      await deployments.ask({ kind: 'audit', zone, ...(head && { head }), ...(final && { final }) });
    for (let look = 1; look <= looks && noted === undefined; look++) {
      const trail = await deployments.auditTrail(zone);
      const report = await ask(trail?.head ?? undefined, trail?.waiting === 0);
      if (report.findings.length === 0) return report;
      const after = await deployments.auditTrail(zone);
      if (after?.waiting === trail?.waiting && after?.head?.hash === trail?.head?.hash) return report;
    }
    return await ask(noted ?? (await deployments.auditTrail(zone))?.head ?? undefined, false);
  });
}

/** Asks nobody. */
async function verifyFiles(
  files: readonly string[],
  options: VerifyOptions,
  head: Head | undefined,
): Promise<AuditReport> {
  const { readFile } = await import('node:fs/promises');
  const { readLine, verifyTrail } = await import('../../settings/audit/chain.js');
  const texts = (await Promise.all(files.map((file) => readFile(file, 'utf8').catch(unreadable)))).flatMap((text) =>
    text.split('\n').filter((line) => line !== ''),
  );
  const zone = options.zone ?? texts.map((text) => readLine(text)?.zone).find((one) => one !== undefined) ?? '';
  return verifyTrail(texts, { zone, head });
}

function unreadable(error: Error): never {
  throw new Refused(`The copy can't be read: ${error.message}.`);
}

function parseHead(text: string): Head {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence === undefined || hash === undefined)
    throw new Refused('--head: expected a number and a hash as "audit verify" prints them, such as 12:9f86d081….');
  return { sequence: Number(sequence), hash };
}

function formatReport({ zone, lines, head, repeated, findings }: AuditReport): string[] {
  const end = head ? `, the last is ${head.sequence}:${head.hash}` : '';
  const twice = repeated > 0 ? ` (${repeated} stand there twice, which does no harm)` : '';
  return [
    `${zone || 'No zone'}: ${lines} lines${end}${twice}.`,
    ...(findings.length > 0 ? findings : ['The trail is whole.']),
  ];
}
