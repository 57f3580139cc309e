/** The diagram: the load balancer, what live traffic it gives to whom, blue and green with their replicas, and the test route. */
import type { Picture } from '../view';
import { versionOf } from './words';

type Place = Picture['places'][number];
type Replica = Place['replicas'][number];

export function Diagram({ picture }: { readonly picture: Picture }) {
  const { places, routes } = picture;
  const tested = new Set(
    routes.flatMap(({ route, shares }) => (route === 'test' ? shares.flatMap(({ place }) => place ?? []) : [])),
  );
  const shown = places.filter(({ role, replicas }) => role !== null || replicas.length > 0);
  return (
    <section class="diagram" aria-label="Where live traffic goes">
      <div class="balancer">
        <span>load balancer</span>
      </div>
      <ol class="lanes">
        {shown.map((place) => (
          <Lane key={place.key} place={place} isTested={tested.has(place.key) && place.role === 'green'} />
        ))}
        {shown.length === 0 ? <li class="lane none">Nobody has said yet what serves.</li> : null}
      </ol>
    </section>
  );
}

function Lane({ place, isTested }: { readonly place: Place; readonly isTested: boolean }) {
  const { role, name, service, image, percent, desired, replicas } = place;
  const share = percent ?? 0;
  return (
    <li class={`lane ${role ?? 'rests'}${share > 0 ? ' flows' : ''}`}>
      <div class="pipe">
        <span class="percent">{percent === null ? '' : `${share} %`}</span>
        <span class="stream" style={{ height: `${share === 0 ? 2 : 4 + share * 0.16}px` }} />
        {isTested && share === 0 ? <span class="test">test route</span> : null}
      </div>
      <article class="place">
        <header>
          <b class="role">{role ?? 'rests'}</b>
          <strong>{image === null ? name : versionOf(image)}</strong>
          <small>{image === null ? '' : name}</small>
        </header>
        <Replicas desired={desired} replicas={replicas} />
        {service === null ? null : (
          <footer title={image ?? ''}>
            {service} · {image}
          </footer>
        )}
      </article>
    </li>
  );
}

const signs: Readonly<Partial<Record<Replica['health'], string>>> = { unhealthy: '!', draining: '↓' };

function Replicas({ desired, replicas }: Pick<Place, 'desired' | 'replicas'>) {
  if (desired === null) return <p class="count">serves whatever has no rule of its own</p>;
  const healthy = replicas.filter(({ health }) => health === 'healthy').length;
  const running = replicas.filter(({ health }) => health !== 'draining').length;
  const missing = Math.max(0, desired - running);
  return (
    <div class="replicas">
      <ul aria-label="replicas">
        {replicas.map(({ id, health, says }) => (
          <li key={id} class={health} title={`${id}: ${says}`}>
            <span aria-hidden="true">{signs[health] ?? ''}</span>
            <span class="unseen">{`${id} ${health}`}</span>
          </li>
        ))}
        {Array.from({ length: Math.min(missing, 60) }, (_, at) => (
          <li key={`missing ${at}`} class="missing" title="not there yet">
            <span class="unseen">not there yet</span>
          </li>
        ))}
      </ul>
      <p class="count">{desired === 0 && replicas.length === 0 ? 'no replicas' : `${healthy} of ${desired} healthy`}</p>
    </div>
  );
}
