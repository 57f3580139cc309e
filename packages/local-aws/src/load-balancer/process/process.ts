/**
 * The data plane as a process of its own: `node process.js FOLDER CONTROL_PORT`; the control port's key is in the environment, as
 * other users of this machine see the arguments of a process. Its log says when it is up.
 */
import { parseArgs } from 'node:util';
import pino from 'pino';
import { takeControlKey } from '../../control-key';
import { runProxy } from './main';

async function run(): Promise<void> {
  const [folder, port] = parseArgs({ allowPositionals: true }).positionals;
  if (folder === undefined || port === undefined) throw new Error('Wanted: a folder and a control port.');
  const options = { folder, controlPort: Number(port), controlKey: takeControlKey() };
  const proxy = await runProxy({ ...options, log: pino({ name: 'load-balancer' }) });
  const stop = () => void proxy.close().then(() => process.exit(0));
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
