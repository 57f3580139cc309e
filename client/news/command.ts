/** `cutover notify`: sends a channel of the news a trial message, by a worker, which has its secrets. */
import type { Command } from 'commander';
import { print } from '../../terminal/print';
import { withCommonFlags, type CommonOptions } from '../options';
import { withSession } from '../session';
import { chosenZone } from '../target';

export function notifyCommand(program: Command): void {
  withCommonFlags(program.command('notify <channel>'))
    .description('sends a channel of the news a trial message, as a worker has it in its settings')
    .action(notify);
}

async function notify(channel: string, options: CommonOptions): Promise<void> {
  await withSession(options, async ({ deployments, settings }) => {
    const zone = chosenZone(options, settings);
    await deployments.ask({ kind: 'notify', zone, channel });
    print(
      options.json
        ? JSON.stringify({ zone, channel, sent: true })
        : `${channel} took the message: look whether it is there.`,
    );
  });
}
