/**
 * Deployments of the local LifeTime, into Production: saved, then running; prepared, where it waits for people, for its deployment
 * is in two steps; then each application is published as the Platform Server does it, one after the other.
 */
import { randomUUID } from 'node:crypto';
import { keepDeployments, listDeployments, type LocalDeployment, type TaggedVersion } from './state';

/** Publishes one version into Production. */
export type PublishVersion = (
  version: TaggedVersion,
  say: (message: string) => void,
) => Promise<{ readonly succeeded: boolean; readonly message: string | null; readonly warnings: readonly string[] }>;

export interface LifeTimeDeployments {
  /** Newest first. */
  readonly list: () => readonly LocalDeployment[];
  readonly create: (notes: string, versions: readonly TaggedVersion[]) => Promise<LocalDeployment>;
  /** @returns whether it could be discarded */
  readonly discard: (deployment: LocalDeployment) => Promise<boolean>;
  /** @returns why it can't be done now, or `null` */
  readonly command: (deployment: LocalDeployment, command: 'start' | 'continue' | 'abort') => Promise<string | null>;
}

export async function openDeployments(folder: string, publish: PublishVersion): Promise<LifeTimeDeployments> {
  const all = await listDeployments(folder);
  const keep = async () => await keepDeployments(folder, all);
  const set = async (deployment: LocalDeployment, now: Partial<LocalDeployment>, message?: string): Promise<void> => {
    Object.assign(deployment, now);
    if (message !== undefined) deployment.log.push({ at: new Date().toISOString(), message });
    await keep();
  };
  for (const deployment of all.filter(({ state }) => state === 'running' || state === 'aborting'))
    await set(deployment, { state: 'finished_with_errors' }, 'LifeTime was restarted.');

  const run = async (deployment: LocalDeployment): Promise<void> => {
    const warnings: string[] = [];
    for (const version of deployment.versions) {
      const name = `${version.application} ${version.version}`;
      await set(deployment, {}, `Deploying '${name}'`);
      const done = await publish(version, (message) => void set(deployment, {}, `${message} '${name}'`));
      warnings.push(...done.warnings);
      if (!done.succeeded)
        return await set(deployment, { state: 'finished_with_errors' }, `Deploying '${name}' failed: ${done.message}`);
      if (deployment.state === 'aborting') return await set(deployment, { state: 'aborted' }, 'Aborted');
    }
    const state = warnings.length > 0 ? 'finished_with_warnings' : 'finished_successful';
    await set(deployment, { state }, warnings[0] ?? 'Deploy completed');
  };
  const runs = (deployment: LocalDeployment) =>
    void run(deployment).catch((error: Error) => set(deployment, { state: 'finished_with_errors' }, error.message));

  return {
    list: () => all.toReversed(),
    create: async (notes, versions) => {
      const key = randomUUID();
      const deployment: LocalDeployment = {
        key,
        notes,
        versions,
        createdOn: new Date().toISOString(),
        state: 'saved',
        info: '',
        log: [],
      };
      all.push(deployment);
      await keep();
      return deployment;
    },
    discard: async (deployment) => {
      if (deployment.state !== 'saved') return false;
      all.splice(all.indexOf(deployment), 1);
      await keep();
      return true;
    },
    command: async (deployment, command) => {
      const { state } = deployment;
      const isPrepared = state === 'needs_user_intervention';
      if (command === 'start' && state === 'saved') {
        if (all.some((other) => ['running', 'needs_user_intervention', 'aborting'].includes(other.state)))
          return 'Another deployment to this environment is running.';
        await set(deployment, { state: 'needs_user_intervention', info: 'deploy_prepared' }, 'Deployment prepared');
      } else if (command === 'continue' && isPrepared) {
        await set(deployment, { state: 'running', info: '' }, 'Deployment continued');
        runs(deployment);
      } else if (command === 'abort' && isPrepared) await set(deployment, { state: 'aborted', info: '' }, 'Aborted');
      else if (command === 'abort' && state === 'running') await set(deployment, { state: 'aborting' }, 'Aborting');
      else return `Command ${command} can't be executed for a deployment that is ${state}.`;
      return null;
    },
  };
}
