/** `cutover codec`: lets the Temporal UI read what is encrypted, and has keys made for that. */
import { InvalidArgumentError, type Command } from 'commander';
import { settingsFile, settingsHelp } from '../../settings/file';
import { parsePort } from '../../settings/ports';
import { print } from '../../terminal/print';
import { Refused } from '../errors';

interface CodecOptions {
  readonly settings?: string;
  readonly host: string;
  readonly port: number;
  readonly ui: string;
}

export function codecCommand(program: Command): void {
  const codec = program
    .command('codec')
    .description('decrypts for the Temporal UI on this machine until it is told to stop')
    .option('--settings <file>', settingsHelp)
    .option('--host <host>', 'the address to listen at', '127.0.0.1')
    .option('--port <port>', 'the port; 0 for any', parsePort, 8084)
    .option('--ui <address>', 'where the Temporal UI is: no other page is answered', parseUi, 'http://localhost:8233')
    .action(async ({ settings, ...options }: CodecOptions) => {
      const { serveCodec } = await import('../codec/serve.js');
      await serveCodec({ settings: settingsFile(settings), ...options, say: print });
    });
  codec
    .command('key')
    .description('has a new key made that a key of AWS KMS protects, and prints what goes into the settings')
    .requiredOption('--kms <arn>', "the KMS key's ARN")
    .requiredOption('--id <id>', 'what stands beside each value, such as 2027')
    .action(async (asked: { readonly kms: string; readonly id: string }) => {
      const { newDataKey } = await import('../../settings/codec.js');
      const { makeDataKey } = await import('../../temporal/kms.js');
      const { data: key, error } = newDataKey.safeParse(asked);
      if (key === undefined) throw new Refused(`--${error.issues[0]?.path[0] as string}: ${error.issues[0]?.message}.`);
      print(`- { id: '${key.id}', kms: ${key.kms}, encrypted: ${await makeDataKey(key)} }`);
    });
}

function parseUi(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return new URL(text).origin;
  throw new InvalidArgumentError('Expected an address such as https://temporal.example.com.');
}
