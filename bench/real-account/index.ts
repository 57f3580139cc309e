/**
 * What is not known of AWS, asked of a real account: `npm run real-account -- --region R --vpc V --subnets A,B`.
 * docs/real-account.md says what it costs and needs. Writes the facts as one JSON file, and a table to standard output.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { BadInput, readOptions } from './options';
import { ask, tableOf } from './run';
import { accountIn } from './stage';
import { tries } from './tries/index';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const stop = new AbortController();
  // A second one doesn't end the removal either; what a kill leaves, the next run removes.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const account = accountIn(options.region);
  await account.sts.getCallerIdentity({}).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTFOUND') throw error;
    throw new BadInput(`--region: AWS has no endpoint in ${options.region}, or this machine can't resolve names.`);
  });
  const id = randomBytes(4).toString('hex');
  process.stderr.write(`Everything that is made has the tag cutover:real-account=${id}.\n`);
  const report = await ask({ account, options, id, signal: stop.signal }, tries);
  await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(tableOf(report));
  process.stderr.write(`The facts are in ${options.out}.\n`);
  if (report.answers.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
