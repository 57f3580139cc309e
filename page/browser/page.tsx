/** The page: its head, and below it a zone or one of its applications, as the address says. */
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Deployment } from './deployment';
import { SignIn } from './dialogs';
import { Overview } from './overview';
import { ask, hrefOf, openStore, type Known } from './store';

type Store = ReturnType<typeof openStore>;

function Page() {
  const [known, show] = useState<Known | null>(null);
  const store = useRef<Store>(undefined);
  useEffect(() => {
    store.current = openStore(show);
  }, []);
  const { zone, application } = known?.place ?? {};
  useEffect(() => {
    document.title = [application, zone, 'cutover'].filter(Boolean).join(' · ');
  }, [zone, application]);
  if (known === null) return null;
  const notice = (says: string | null) => store.current?.notice(says);
  return (
    <>
      <Head known={known} refresh={() => void store.current?.refreshSession()} />
      {known.notice === null ? null : (
        <p class="banner notice" role="status">
          {known.notice}{' '}
          <button class="plain" onClick={() => notice(null)}>
            Close
          </button>
        </p>
      )}
      {application ? (
        <Deployment key={`${zone}/${application}`} known={known} notice={notice} />
      ) : known.zone === null ? (
        <main>
          <p class="quiet">Asking …</p>
        </main>
      ) : (
        <Overview view={known.zone} />
      )}
    </>
  );
}

function Head({ known, refresh }: { readonly known: Known; readonly refresh: () => void }) {
  const [signingIn, setSigningIn] = useState(false);
  const { place, zone, session, connected } = known;
  const zones = zone?.zones ?? (place.zone === null ? [] : [place.zone]);
  const leave = async () => {
    await ask('session/end', {});
    refresh();
  };
  return (
    <header class="head">
      <a class="brand" href={place.zone === null ? '#/' : hrefOf(place.zone)}>
        cutover
      </a>
      <nav aria-label="Zones">
        {zones.map((name) => (
          <a key={name} href={hrefOf(name)} {...(name === place.zone && { 'aria-current': 'page' as const })}>
            {name}
          </a>
        ))}
      </nav>
      <span class={`link ${connected ? 'on' : 'off'}`} role="status">
        {connected ? 'live' : 'connecting …'}
      </span>
      {session === null ? null : session.name === null ? (
        <button onClick={() => setSigningIn(true)}>Sign in</button>
      ) : (
        <span class="who">
          {session.name}{' '}
          <button class="plain" onClick={() => void leave()}>
            Sign out
          </button>
        </span>
      )}
      {signingIn && session ? <SignIn ways={session.ways} close={() => setSigningIn(false)} done={refresh} /> : null}
    </header>
  );
}

const root = document.querySelector('#page');
if (root) render(<Page />, root);
