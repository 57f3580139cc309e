/**
 * Whose a service, a target group or a family of task definitions is, by its name. The hash in a name is of zone and key, so that a
 * run can't name another application's by calling itself like that one.
 */
import { isCalled, keyHash, readName, slotNames, tagKeys, tagValue } from '../names';
import type { Tags } from '../tags';

/** The run that names something, and what the settings know. */
export interface NamingRun {
  readonly zone: string;
  /** As the run's workflow ID calls it, which may be a name from before a rename, or one that only the platform knows. */
  readonly application: string;
  /** The keys of the settings' applications, by name. */
  readonly keys: Readonly<Record<string, string>>;
}

/**
 * - `own`: the run's application's.
 * - `another`: that of another application in the zone.
 * - What only the records of AWS can tell: whether a release of the family bears the run's name, as it does after a rename; and where the
 *   settings don't know the name, whether another application of this zone has one.
 */
export type Whose =
  | { readonly kind: 'own' | 'another' | 'other tool' }
  | { readonly kind: 'by records'; readonly ownIf?: string; readonly anothersIf?: string };

export function whoseName(name: string, run: NamingRun): Whose {
  const given = readName(name);
  if (!given) return { kind: 'other tool' };
  const { zone, application, keys } = run;
  const hashes = Object.entries(keys).map(([called, key]) => [called, keyHash({ zone, key })] as const);
  const [known] = hashes.filter(([called]) => called === application).map(([, hash]) => hash);
  if (given.hash === known) return { kind: 'own' };
  const givenFamily = `${given.called}-${given.hash}`;
  const isKnown = hashes.some(([, hash]) => hash === given.hash);
  if (known !== undefined) return isKnown ? { kind: 'another' } : { kind: 'by records', anothersIf: givenFamily };
  if (!isKnown && isCalled(given, application)) return { kind: 'own' };
  const { taskDefinitionFamily } = slotNames({ zone, name: application, key: '' }, 'a');
  const ownIf = taskDefinitionFamily.replace(/[0-9a-f]{8}$/, given.hash);
  return { kind: 'by records', ownIf, ...(!isKnown && { anothersIf: givenFamily }) };
}

/** Whether a release's tags say that it is of this zone and was called as the run is. */
export const recordsRun = (tags: Tags, { zone, application }: NamingRun): boolean =>
  tags[tagKeys.zone] === zone && tags[tagKeys.application] === tagValue(application);

/** Whether a release's tags say that it is of this zone. */
export const recordsZone = (tags: Tags, { zone }: NamingRun): boolean => tags[tagKeys.zone] === zone;
