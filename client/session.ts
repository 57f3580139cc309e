/**
 * What a command works with: the settings and a connection to Temporal. Both are opened when the command runs, and loaded only
 * then, so that `cutover --help` needs neither.
 */
import { settingsFile } from '../settings/file';
import type { Settings } from '../settings/schema';
import type { Deployments } from './deployments';
import type { CommonOptions } from './options';
import { parseTarget, type Target } from './target';

export interface Session {
  readonly deployments: Deployments;
  readonly settings: Settings;
}

/** Runs a command with a session, which is closed afterwards. */
export async function withSession<T>(
  { settings: file }: CommonOptions,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const { loadSettings } = await import('../settings/load.js');
  const { temporalConfiguration } = await import('../temporal/configuration.js');
  const { connectDeployments } = await import('./deployments.js');
  const settings = loadSettings(settingsFile(file));
  const deployments = await connectDeployments(await temporalConfiguration(settings.temporal));
  try {
    return await use({ deployments, settings });
  } finally {
    await deployments.close();
  }
}

/**
 * As {@link withSession}, for a command about one application. One that only the platform deployed is in no settings: a worker
 * finds it by its rules.
 * @throws {Refused} when the application is known nowhere
 */
export async function withApplication(
  application: string,
  options: CommonOptions,
  use: (session: Session & { readonly target: Target }) => Promise<void>,
): Promise<void> {
  await withSession(options, async ({ deployments, settings }) => {
    const target = parseTarget(application, options, settings);
    if (!Object.hasOwn(settings.applications, target.application)) await deployments.ask({ kind: 'live', ...target });
    await use({ deployments, settings, target });
  });
}
