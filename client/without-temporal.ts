/**
 * `cutover rollback --without-temporal`: for when Temporal can't be reached, and so nobody carries out a command. It shows what it
 * found and what it would write, and asks. What calls AWS is given, because the rest of the command line never does.
 */
import { imageOf, formatServing } from '../contract/text';
import type { Serving } from '../planning/observed/blue';
import { settingsFile } from '../settings/file';
import type { Settings } from '../settings/schema';
import { Refused } from './errors';
import { ask } from '../terminal/ask';
import { print, tell } from '../terminal/print';
import type { CommonOptions } from './options';
import { isRefusedByServer } from './retries';
import { parseTarget, type Target } from './target';

/** A way back that was found, and hasn't been gone. */
export interface FoundReturn {
  readonly plan: { readonly from: Serving; readonly to: Serving };
  /** What would be written, a line each; empty where everything is as it would be. */
  readonly changes: readonly string[];
  /** @returns how it was proven, as sentences */
  readonly perform: () => Promise<readonly string[]>;
}

/** @param say hears each step */
export type FindReturn = (settings: Settings, target: Target, say: (line: string) => void) => Promise<FoundReturn>;

export interface WithoutTemporalOptions extends CommonOptions {
  readonly yes?: boolean;
}

/** @throws {Refused} when Temporal answers, when nobody agrees, or with what stands in the way */
export async function rollBackWithoutTemporal(
  application: string,
  options: WithoutTemporalOptions,
  findReturn: FindReturn,
): Promise<void> {
  const { loadSettings } = await import('../settings/load.js');
  const settings = loadSettings(settingsFile(options.settings));
  const target = parseTarget(application, options, settings);
  const missing = await refuseWhileReachable(settings, target);
  const found = await findReturn(settings, target, tell);
  const { from, to } = found.plan;
  const name = `${target.zone}/${target.application}`;
  const written = found.changes.length > 0;
  tell([
    missing,
    '',
    `${name}: ${nameOf(from)} was brought last, and ${nameOf(to)} served before. To be written:`,
    ...(written ? found.changes.map((line) => `  - ${line}`) : ['  nothing: traffic is there already.']),
  ]);
  if (written && options.yes !== true) await askFirst();
  const proofs = written ? await found.perform() : [];
  const report = {
    zone: target.zone,
    application: target.application,
    from,
    to,
    changes: found.changes,
    written,
    proofs,
  };
  if (options.json) return print(JSON.stringify(report));
  if (!written) return print(`${nameOf(to)} has all live traffic of ${name} already. Nothing was written.`);
  print([`${nameOf(to)} serves all live traffic of ${name} again, proven by what answers.`, ...proofs, later]);
}

const later =
  'Once Temporal answers, the deployment holds, because its rules were changed: "cutover rollback" then takes away what it brought.';

const nameOf = (serving: Serving) =>
  serving.slot === null ? formatServing(serving) : `slot ${serving.slot} with ${imageOf(serving)}`;

/**
 * Where a worker may write, nobody else is to.
 * @returns how it was tried, as a sentence
 * @throws {Refused} when Temporal answers, whatever it says
 */
async function refuseWhileReachable({ temporal }: Settings, { zone, application }: Target): Promise<string> {
  const { temporalConfiguration } = await import('../temporal/configuration.js');
  const { connectToTemporal } = await import('../temporal/connection.js');
  const { connectionOptions } = await temporalConfiguration({ ...temporal, codec: undefined });
  try {
    const { close } = await connectToTemporal({ ...connectionOptions, connectTimeout: '5s' });
    await close();
  } catch (error) {
    const { message, cause } = error as Error;
    if (!isRefusedByServer(cause)) return message;
  }
  throw new Refused(
    `Temporal answers at ${connectionOptions.address ?? 'localhost:7233'}, so the deployment itself goes back: "cutover rollback ${zone}/${application}". Where no worker carries that out, start one with "cutover worker".`,
  );
}

/** @throws {Refused} unless a person at a terminal agrees */
async function askFirst(): Promise<void> {
  if (!process.stdin.isTTY)
    throw new Refused('Nothing was written: say --yes, for there is no terminal to ask whether to go on.');
  const question = 'Does no worker reach Temporal either (else it may write too), and shall this be written? [y/N] ';
  const answer = await ask(question, { aside: true });
  if (!/^y(es)?$/i.test(answer.trim())) throw new Refused('Nothing was written.');
}
