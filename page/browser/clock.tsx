/** What ticks: how long a phase has taken, and how long it still may. */
import { useEffect, useState } from 'preact/hooks';
import type { Picture } from '../view';
import { duration } from './words';

/** The time now, every second anew. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function Clock({ clock }: { readonly clock: NonNullable<Picture['clock']> }) {
  const now = useNow();
  const left = clock.until === null ? null : Date.parse(clock.until) - now;
  return (
    <p class="clock">
      <span>
        for <span class="time">{duration(now - Date.parse(clock.since))}</span>
      </span>
      {left === null ? null : (
        <span>
          <b>{duration(left)}</b> left: {clock.then}
        </span>
      )}
    </p>
  );
}
