/** Every application of a zone, those that want somebody first. */
import type { Views } from '../view';
import { useNow } from './clock';
import { hrefOf } from './store';
import { duration } from './words';

type Row = Views['zone']['applications'][number];

const rank = { holds: 0, waits: 1, moves: 2 } as const;
const rankOf = ({ deployment }: Row) => (deployment === null ? 3 : rank[deployment.stands]);

export function Overview({ view }: { readonly view: Views['zone'] }) {
  const now = useNow();
  const { zone, applications, unanswered } = view;
  const rows = applications.toSorted((one, other) => rankOf(one) - rankOf(other));
  const busy = rows.filter(({ deployment }) => deployment !== null).length;
  return (
    <main>
      <h1>{zone}</h1>
      {unanswered === null ? null : (
        <div class="banner away" role="status">
          <p>{unanswered}</p>
        </div>
      )}
      <p class="quiet">
        {rows.length} applications, {busy === 0 ? 'none' : busy} being deployed
      </p>
      <ul class="applications">
        {rows.map((row) => (
          <Application key={row.application} row={row} zone={zone} now={now} />
        ))}
      </ul>
    </main>
  );
}

function Application({ row, zone, now }: { readonly row: Row; readonly zone: string; readonly now: number }) {
  const { application, live, deployment } = row;
  return (
    <li class={deployment?.stands ?? 'calm'}>
      <a href={hrefOf(zone, application)}>
        <strong>{application}</strong>
        <span class="live">{live ?? 'not known yet'}</span>
        {deployment === null ? null : (
          <span class="chip">
            {deployment.headline}
            {deployment.image === null ? '' : ` · ${deployment.image}`}
          </span>
        )}
        {deployment?.wanted ? (
          <span class="wants">
            {deployment.wanted}
            {deployment.deadline === null ? '' : ` ${duration(Date.parse(deployment.deadline) - now)} left.`}
          </span>
        ) : null}
      </a>
    </li>
  );
}
