/** What of a run's entries is news, in which channels, and what it asks of people. */
import type { Channel, NewsKind, Notifications } from '../../settings/notifications/schema';
import { pageOf } from '../../settings/dashboard/schema';
import { versionOf } from '../release/image-reference';

/** What a run told: an entry of the audit trail, or one for people alone. */
export interface Entry {
  readonly event: string;
  readonly at: string;
  readonly application: string;
  readonly workflow: string;
  readonly run: string;
  readonly number: number;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

/** A piece of news as people read it. */
export interface News {
  readonly kind: NewsKind | 'trial';
  /** The same however often it is sent: `<run>/<number>`. */
  readonly id: string;
  readonly zone: string;
  readonly application: string;
  /** When it happened, ISO 8601. */
  readonly at: string;
  /** What happened, a sentence. */
  readonly says: string;
  /** What is wanted of people, `null` where nothing is. */
  readonly wanted: Wanted | null;
  /** The deployment in the Temporal UI; `null` where the settings don't say where that is. */
  readonly link: string | null;
  /** The application on the page; `null` where the settings don't say where that is. */
  readonly page: string | null;
}

export interface Wanted {
  /** A sentence. */
  readonly what: string;
  /** ISO 8601; `null` when there is no limit. */
  readonly by: string | null;
  /** The commands that answer. */
  readonly commands: readonly string[];
}

/** The kind of news that an entry is; `undefined` for one that is none. */
export function newsKindOf({ event, facts }: Entry): NewsKind | undefined {
  switch (event) {
    case 'start':
      return 'started';
    case 'waits':
      return 'waits';
    case 'hold':
      return 'holds';
    case 'sick':
      return 'sick';
    case 'cut':
      return typeof facts['greenPercent'] === 'number' && facts['greenPercent'] > 0 ? 'shifted' : undefined;
    case 'end':
      return ends[String(facts['outcome'])];
    default:
      return undefined;
  }
}

const ends: Readonly<Record<string, NewsKind>> = { completed: 'completed', rolledBack: 'rolledBack', failed: 'failed' };

/** The channels that are told of an entry, by name. */
export function channelsFor(entry: Entry, zone: string, { channels }: Notifications): Channel[] {
  const kind = newsKindOf(entry);
  if (kind === undefined) return [];
  return channels.filter(
    ({ events, zones, applications }) =>
      events.includes(kind) && (zones?.includes(zone) ?? true) && (applications?.includes(entry.application) ?? true),
  );
}

/** What leads people to what a message is about. */
export interface Whereabouts {
  readonly namespace: string;
  /** The page's own address; default: there is none. */
  readonly page?: string | undefined;
}

/** @returns `undefined` for an entry that is no news */
export function newsOf(
  entry: Entry,
  zone: string,
  { links }: Notifications,
  { namespace, page }: Whereabouts,
): News | undefined {
  const kind = newsKindOf(entry);
  if (kind === undefined) return undefined;
  const { application } = entry;
  const path = [namespace, 'workflows', entry.workflow, entry.run].map(encodeURIComponent).join('/');
  return {
    kind,
    id: `${entry.run}/${entry.number}`,
    zone,
    application,
    at: entry.at,
    says: `${application} in ${zone}: ${sayings[kind](entry.facts)}`,
    wanted: wantedOf(kind, entry.facts, `${application} --zone ${zone}`),
    link: links.temporalUi === undefined ? null : `${links.temporalUi.replace(/\/$/, '')}/namespaces/${path}/history`,
    page: page === undefined ? null : pageOf(page, zone, application),
  };
}

/** What is sent so that somebody sees whether it arrives. @param at ISO 8601 */
export const trialNews = (channel: string, zone: string, at: string, { page }: Pick<Whereabouts, 'page'>): News => ({
  kind: 'trial',
  id: `trial/${at}`,
  zone,
  application: '',
  at,
  says: `A trial message of cutover for the channel ${channel} in ${zone}: nothing has happened.`,
  wanted: null,
  link: null,
  page: page === undefined ? null : pageOf(page, zone),
});

type Facts = Entry['facts'];

const text = (facts: Facts, fact: string) => (facts[fact] == null ? null : String(facts[fact]));
const image = (facts: Facts) => (typeof facts['image'] === 'string' ? ` of ${versionOf(facts['image'])}` : '');
const because = (facts: Facts) => {
  const why = text(facts, 'failure');
  return why === null ? '.' : `: ${why}`;
};

const sayings: Readonly<Record<NewsKind, (facts: Facts) => string>> = {
  started: (facts) => {
    const [by, reason] = [text(facts, 'by'), text(facts, 'reason')];
    const procedure = runbooks[String(facts['runbook'])] ?? 'a deployment';
    return `${procedure}${image(facts)} has begun${by === null ? '' : `, started by ${by}`}${reason === null ? '.' : `: ${reason}`}`;
  },
  waits: (facts) => `the deployment${image(facts)} is verified and waits for an approval.`,
  sick: (facts) => `green${image(facts)}, which waits for an approval, is sick${because(facts)}`,
  holds: (facts) => `the deployment holds in ${text(facts, 'phase')}${because(facts)}`,
  shifted: (facts) => `green${image(facts)} has ${text(facts, 'greenPercent')} % of live traffic.`,
  completed: (facts) => `the deployment${image(facts)} is completed.`,
  rolledBack: (facts) => `the deployment${image(facts)} was rolled back${because(facts)}`,
  failed: (facts) => `the deployment${image(facts)} was refused${because(facts)}`,
};

const runbooks: Readonly<Record<string, string>> = {
  blueGreen: 'a blue-green deployment',
  rollingUpdate: 'a rolling update',
  updateConfiguration: 'an update of the configuration',
  undo: 'an undo',
  removeApplication: 'a removal',
  retireWarm: 'the retirement of what was kept warm',
};

function wantedOf(kind: NewsKind, facts: Facts, target: string): Wanted | null {
  const by = text(facts, 'until');
  if (kind === 'waits')
    return {
      what: by === null ? 'Approve or reject it.' : 'Approve or reject it; without an answer it is rolled back.',
      by,
      commands: [`cutover approve ${target}`, `cutover reject ${target}`],
    };
  if (kind !== 'holds') return null;
  const isRestorable = facts['restorable'] === true;
  return {
    what: `Mend the cause and retry${isRestorable ? ', or roll back' : ''}${by === null ? '.' : '; without an answer it is rolled back.'}`,
    by,
    commands: [`cutover retry ${target}`, ...(isRestorable ? [`cutover rollback ${target}`] : [])],
  };
}
