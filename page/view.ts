/** What the browser is told: the messages of its event stream, and who it is signed in as. */
import type { ReleaseEntry } from '../contract/status';
import type { Picture } from '../client/picture/picture';

export type { Picture, ReleaseEntry };

/** What stands on the page, each by the name of its event. */
export interface Views {
  readonly zone: ZoneView;
  readonly application: ApplicationView;
  readonly history: readonly ReleaseEntry[];
}

export interface ZoneView {
  readonly zone: string;
  /** Those that the settings have. */
  readonly zones: readonly string[];
  readonly applications: readonly ApplicationRow[];
  /** Why it isn't the newest; `null` while it is. */
  readonly unanswered: string | null;
}

export interface ApplicationRow {
  readonly application: string;
  /** What serves it, in words; `null` while nobody knows. */
  readonly live: string | null;
  /** Its deployment; `null` while none runs. */
  readonly deployment: {
    readonly image: string | null;
    /** E.g. `holds in start`. */
    readonly headline: string;
    readonly stands: 'moves' | 'waits' | 'holds';
    readonly wanted: string | null;
    /** ISO 8601. */
    readonly deadline: string | null;
  } | null;
}

export interface ApplicationView {
  /** `null` before the first answer. */
  readonly picture: Picture | null;
  /** What its tasks printed last, while it holds. */
  readonly log: readonly string[];
  /** Why it isn't the newest; `null` while it is. */
  readonly unanswered: string | null;
  /** What Temporal itself knows meanwhile. */
  readonly known: readonly string[];
}

/** Who looks at it. */
export interface SessionView {
  /** `null` for who hasn't signed in. */
  readonly name: string | null;
  /** How one can sign in here. */
  readonly ways: { readonly token: boolean; readonly oidc: boolean };
  /** What came of what was begun at the issuer; told once. */
  readonly notice: string | null;
}
