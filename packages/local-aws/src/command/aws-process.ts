/**
 * The control plane as a process of its own, until SIGTERM: `node aws-process.js '{"folder":…}'`, all options except `log`, and
 * except `keys` and `controlKey`, which are in the environment: other users of this machine see the arguments of a process.
 */
import pino from 'pino';
import { takeControlKey } from '../control-key';
import { takeKeys } from '../iam/keys';
import { runAws, type AwsOptions } from '../control-plane';

async function run(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '{}') as Omit<AwsOptions, 'log' | 'keys' | 'controlKey'>;
  const secrets = { keys: takeKeys(), controlKey: takeControlKey() };
  const aws = await runAws({ ...options, ...secrets, log: pino({ name: 'aws' }) });
  const stop = () => void aws.close().then(() => process.exit(0));
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
