/** The releases of an application, newest first. */
import type { ReleaseEntry } from '../view';
import { dateAndTime, duration, versionOf } from './words';

const ends = { completed: 'completed', rolledBack: 'rolled back' } as const;

export function History({ releases }: { readonly releases: readonly ReleaseEntry[] | null }) {
  if (releases === null) return null;
  return (
    <section class="history" aria-label="Releases">
      <h2>Releases</h2>
      {releases.length === 0 ? <p class="quiet">None so far.</p> : null}
      <ul>
        {releases.map((release) => (
          <Release key={release.taskDefinition} release={release} />
        ))}
      </ul>
    </section>
  );
}

function Release({ release }: { readonly release: ReleaseEntry }) {
  const { image, at, by, reason, outcome, seconds, failedRequests, approvals = [], countersignature, live } = release;
  const facts = [
    by === null ? '' : `by ${by}`,
    reason ?? '',
    ...approvals.map((who) => `approved: ${who}`),
    failedRequests ? `${failedRequests} failed requests` : '',
    countersignature === 'wanted' ? 'to be countersigned' : '',
  ].filter((fact) => fact !== '');
  return (
    <li class={live ? 'live' : ''}>
      <strong title={image}>{versionOf(image)}</strong>
      <span class={`outcome ${outcome ?? 'open'}`}>{outcome === null ? 'not ended' : ends[outcome]}</span>
      {live ? <span class="chip serves">serves</span> : null}
      <time dateTime={at}>{dateAndTime(at)}</time>
      <span class="took">{seconds === null ? '' : `in ${duration(seconds * 1_000)}`}</span>
      <p>{facts.join(' · ')}</p>
    </li>
  );
}
