/** The data plane as a process of its own: `node process.js FOLDER CONTROL_PORT`. Its first line of output is its control URL. */
import { parseArgs } from 'node:util';
import pino from 'pino';
import { runProxy } from './main';

async function run(): Promise<void> {
  const [folder, port] = parseArgs({ allowPositionals: true }).positionals;
  if (folder === undefined || port === undefined) throw new Error('Wanted: a folder and a control port.');
  const proxy = await runProxy({ folder, controlPort: Number(port), log: pino({ name: 'load-balancer' }) });
  const stop = () => void proxy.close().then(() => process.exit(0));
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
