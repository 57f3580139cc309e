/** The way of a deployment, phase by phase, with what each took. */
import { useEffect, useRef } from 'preact/hooks';
import type { Picture } from '../view';
import { duration, phaseName } from './words';

const says = { done: 'done', now: 'now', stopped: 'stopped', ahead: 'to come' } as const;

export function Phases({ phases }: Pick<Picture, 'phases'>) {
  const list = useRef<HTMLOListElement>(null);
  const now = phases.findIndex(({ state }) => state === 'now');
  // Where there is no room for all of them, the one that is on is seen.
  useEffect(() => {
    const [own, item] = [list.current, list.current?.children[now]];
    if (own && item instanceof HTMLElement) own.scrollLeft = item.offsetLeft - own.clientWidth / 2;
  }, [now]);
  return (
    <ol class="phases" aria-label="Phases" tabIndex={0} ref={list}>
      {phases.map(({ phase, state, tookMs }) => (
        <li key={phase} class={state} {...(state === 'now' && { 'aria-current': 'step' as const })}>
          <span class="dot" aria-hidden="true" />
          <span class="name">{phaseName(phase)}</span>
          <span class="took">{state === 'done' || state === 'stopped' ? duration(tookMs) : ''}</span>
          <span class="unseen">{says[state]}</span>
        </li>
      ))}
    </ol>
  );
}
