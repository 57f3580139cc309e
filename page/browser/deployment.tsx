/** One application: what is wanted, where its deployment is, the diagram, gates, why it holds, and the releases before. */
import { useState } from 'preact/hooks';
import type { Picture } from '../view';
import { Clock } from './clock';
import { commands, Confirm, type Commanded } from './dialogs';
import { Diagram } from './diagram';
import { History } from './history';
import { Phases } from './phases';
import type { Known } from './store';

interface Props {
  readonly known: Known;
  readonly notice: (says: string) => void;
}

export function Deployment({ known, notice }: Props) {
  const { place, application, history } = known;
  const picture = application?.picture ?? null;
  return (
    <main>
      <h1>{place.application}</h1>
      {application?.unanswered ? (
        <div class="banner away" role="status">
          <p>{application.unanswered}</p>
          <Lines lines={application.known} />
        </div>
      ) : null}
      {picture === null ? (
        <p class="quiet">Asking …</p>
      ) : (
        <Pictured picture={picture} known={known} notice={notice} log={application?.log ?? []} />
      )}
      <History releases={history} />
    </main>
  );
}

function Pictured({
  picture,
  known,
  notice,
  log,
}: Props & { readonly picture: Picture; readonly log: readonly string[] }) {
  const { image, headline, stands, clock, gates, approvals, trouble, routes } = picture;
  return (
    <>
      <div class={`state ${stands}`}>
        <p class="headline" role="status">
          <b>{headline}</b> {image === null ? null : <code>{image}</code>}
        </p>
        {clock === null ? null : <Clock clock={clock} />}
      </div>
      <Wanted picture={picture} known={known} notice={notice} />
      {picture.phases.length > 0 ? <Phases phases={picture.phases} /> : null}
      <Diagram picture={picture} />
      <Trouble trouble={trouble} log={log} />
      {gates.length > 0 ? (
        <section class="gates" aria-label="Gates">
          {gates.map(({ gate, verdict, says }) => (
            <article key={gate} class={verdict}>
              <b>{gate}</b> <span class="verdict">{verdict === 'missing' ? 'no value' : verdict}</span>
              <p>{says}</p>
            </article>
          ))}
        </section>
      ) : null}
      <Lines lines={approvals} />
      <Rules routes={routes} />
    </>
  );
}

function Wanted({ picture, known, notice }: Props & { readonly picture: Picture }) {
  const [commanded, setCommanded] = useState<Commanded | null>(null);
  const { wanted, runId, zone, application, image } = picture;
  const name = known.session?.name ?? null;
  if (runId === null || (wanted === null && picture.commands.length === 0)) return null;
  const open = (command: string) => setCommanded({ name: command, zone, application, run: runId, image });
  return (
    <div class={wanted === null ? 'steer' : `banner wanted ${picture.stands}`}>
      {wanted === null ? null : <p role="status">{wanted}</p>}
      {name === null ? (
        <p class="quiet">To answer, sign in; or: {picture.commands.map((one) => `cutover ${one}`).join(', ')}</p>
      ) : (
        <div class="buttons">
          {picture.commands.map((one) => (
            <button
              key={one}
              class={one === 'approve' || one === 'retry' ? 'primary' : commands[one]?.danger ? 'danger' : ''}
              onClick={() => open(one)}
            >
              {commands[one]?.label ?? one}
            </button>
          ))}
        </div>
      )}
      {commanded === null ? null : <Confirm commanded={commanded} close={() => setCommanded(null)} done={notice} />}
    </div>
  );
}

function Trouble({ trouble, log }: { readonly trouble: Picture['trouble']; readonly log: readonly string[] }) {
  if (trouble === null) return null;
  const { failure, says, changed, next } = trouble;
  return (
    <section class="trouble" aria-label="Why">
      <h2>{failure}</h2>
      <Lines lines={says} />
      {changed.length > 0 ? <p>Already changed: {changed.join('; ')}.</p> : null}
      {next === null ? null : <p>Next: {next}</p>}
      {log.length > 0 ? (
        <pre tabIndex={0} aria-label="What its tasks printed">
          {log.join('\n')}
        </pre>
      ) : null}
    </section>
  );
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <ul class="lines">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Rules({ routes }: Pick<Picture, 'routes'>) {
  if (routes.length === 0) return null;
  return (
    <details class="rules">
      <summary>Rules of the listener</summary>
      <div class="scrolls" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>route</th>
              <th>priority</th>
              <th>paths</th>
              <th>forwards to</th>
            </tr>
          </thead>
          <tbody>
            {routes.map(({ route, priority, through, catches, shares }) => (
              <tr key={`${through} ${priority} ${route}`}>
                <td>{route}</td>
                <td>
                  {priority ?? 'default'}
                  {through === null ? '' : ` of ${through}`}
                </td>
                <td>
                  <code>{catches.join('  ')}</code>
                </td>
                <td>{shares.map(({ percent, targetGroup }) => `${percent} % ${targetGroup}`).join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
