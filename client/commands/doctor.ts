/** `cutover doctor`: looks at everything that deployments in a zone depend on, and says what to do. */
import type { Command } from 'commander';
import { print } from '../../terminal/print';
import { sayIfSlow } from '../../terminal/slow';
import { exitStatuses, withCommonFlags, type CommonOptions } from '../options';
import { readsWholeZone } from '../text/still-reading';

export function doctorCommand(program: Command): void {
  withCommonFlags(program.command('doctor'))
    .description('looks at everything that deployments depend on, and says what to do')
    .option('--try-inline-flags', 'makes a listener rule with (?i) for a path nobody asks for, and removes it')
    .action(doctor);
}

async function doctor(options: CommonOptions & { readonly tryInlineFlags?: true }): Promise<void> {
  const { diagnose } = await import('../doctor/diagnosis.js');
  const { formatFinding } = await import('../text/finding.js');
  const findings = await sayIfSlow(readsWholeZone, diagnose(options));
  if (options.json) print(JSON.stringify(findings));
  else print(findings.flatMap(formatFinding));
  if (findings.some(({ state }) => state === 'error')) process.exitCode = exitStatuses.error;
}
