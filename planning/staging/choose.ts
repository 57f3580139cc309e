/** Which version of each application is staged, and where it goes. */

/** An application as LifeTime lists it of an environment. */
export interface ListedApplication {
  readonly name: string;
  readonly key: string;
  /** The version that its tag names; empty where it was never tagged. */
  readonly baseVersionKey: string;
  /** Whether it was changed since that tag. */
  readonly isModified: boolean;
  /** Empty for the environment's default. */
  readonly deploymentZoneKey: string;
}

/** An environment as LifeTime lists it. */
export interface ListedEnvironment {
  readonly name: string;
  readonly key: string;
}

export interface Choice {
  readonly operations: readonly {
    readonly name: string;
    readonly applicationKey: string;
    readonly versionKey: string;
    /** Empty for the environment's default. */
    readonly deploymentZoneKey: string;
  }[];
  readonly notes: readonly string[];
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** @returns the environment, or why it can't be found: a sentence */
export function findEnvironment(name: string, listed: readonly ListedEnvironment[]): ListedEnvironment | string {
  const found = listed.find((one) => same(one.name, name));
  const known = listed.map((one) => one.name).join(', ') || 'none that this token may see';
  return found ?? `LifeTime has no environment ${name}: it has ${known}.`;
}

/**
 * An application keeps the deployment zone that it has in the target: the empty key would move it into the default one.
 * @param into the deployment zone of applications that the target doesn't have
 * @returns what to stage, nothing of what is there already; or why it can't be staged: a sentence
 */
export function chooseVersions(
  names: readonly string[],
  source: readonly ListedApplication[],
  target: readonly ListedApplication[],
  into = '',
): Choice | string {
  const operations: Choice['operations'][number][] = [];
  const notes: string[] = [];
  for (const name of new Set(names.map((one) => one.toLowerCase()))) {
    const found = source.find((one) => same(one.name, name));
    if (!found) {
      const asked = names.find((one) => same(one, name)) ?? name;
      return `The environment that it comes from has no application ${asked}, or the token may not see it: it has ${listNames(source)}.`;
    }
    if (found.baseVersionKey === '')
      return `${found.name} has no version in the environment that it comes from: tag one in LifeTime first.`;
    const there = target.find(({ key }) => key === found.key);
    if (found.isModified) notes.push(`${found.name} was changed since its last tag; what was tagged is staged.`);
    if (there?.baseVersionKey === found.baseVersionKey && !there.isModified) {
      notes.push(`${found.name} is there already in this version.`);
      continue;
    }
    operations.push({
      name: found.name,
      applicationKey: found.key,
      versionKey: found.baseVersionKey,
      deploymentZoneKey: there === undefined ? into : there.deploymentZoneKey,
    });
  }
  return { operations, notes };
}

const most = 20;

function listNames(listed: readonly ListedApplication[]): string {
  const names = listed.map(({ name }) => name).toSorted((one, other) => one.localeCompare(other));
  return `${names.slice(0, most).join(', ') || 'none'}${names.length > most ? ', …' : ''}`;
}

/** The deployment whose notes bear the marker: the newest where an answer was lost twice. */
export const findMarked = (
  marker: string,
  listed: readonly { readonly key: string; readonly notes: string }[],
): string | undefined => listed.find(({ notes }) => notes.includes(marker))?.key;

/**
 * Whether a command has had its effect, by the state that LifeTime tells.
 * @param again whether it was sent before, and its answer was lost
 * @param moved whether LifeTime has gone on since it was given
 */
export function isDone(
  command: 'start' | 'continue' | 'abort',
  state: string,
  { again, moved }: { readonly again: boolean; readonly moved: boolean },
): boolean {
  switch (command) {
    case 'start':
      return state !== 'saved';
    case 'continue':
      // A second intervention is another question than the one that was answered.
      return state !== 'needs_user_intervention' || (again && moved);
    case 'abort':
      return state !== 'running' && state !== 'needs_user_intervention' && state !== 'saved';
  }
}
