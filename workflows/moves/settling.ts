/** When rules that were written must reach every node before anything follows from them. */
import { changed } from '../changes';

/** What the activities that write rules answered in earlier versions: what that attempt had to change. */
interface EarlierAnswer {
  readonly changed?: boolean;
  readonly deleted?: number;
}

/**
 * Whether a write of rules settles: whenever it was begun, whatever the attempt found that answered. A write can take effect and
 * lose its answer, and then the next attempt has nothing left to do.
 * @param written what the write answered: runs of earlier versions went by it, and replay so
 */
export function settles(begun: boolean, written: unknown): boolean {
  if (changed('settle-what-was-begun')) return begun;
  const { changed: wrote = false, deleted = 0 } = (written ?? {}) as EarlierAnswer;
  return wrote || deleted > 0;
}
