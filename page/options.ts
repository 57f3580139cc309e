/** What the page is made with. */
import type { Watching } from './watching/zone';

export interface PageOptions extends Watching {
  readonly log: {
    readonly info: (facts: object, sentence: string) => void;
    readonly warn: (facts: object, sentence: string) => void;
  };
  /** Whether the server itself speaks TLS. */
  readonly tls: boolean;
}
