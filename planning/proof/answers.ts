/**
 * What answers of a route prove. Every module of an image has a release marker, so that who answers says which release it is; but
 * behind a login nobody without a session is answered, and the marker can't be asked for there.
 */

export interface ProbeAnswer {
  /** `null` when no answer came. */
  readonly status: number | null;
  /** The first 400 characters of the body, or why there is no answer. */
  readonly text: string;
  /** Of an answer, its header `server`, e.g. `awselb/2.0` where the load balancer answered itself. */
  readonly server?: string;
  /** Why there is no answer, as Node codes it, e.g. `ENETUNREACH`. */
  readonly code?: string;
}

/** Whoever has no session is sent elsewhere, or away, with this status. */
export interface Guarded {
  readonly guard: number;
}

/** What a path answered: its release marker, `null` where it has none, or that it lets nobody through. */
export type ReleaseAnswer = string | null | Guarded;

/** By the path that was asked, e.g. `/Orders`. */
export type Releases = Readonly<Record<string, ReleaseAnswer>>;

/** What answered on the live route and on the test route before traffic moved, and which of the two must answer now. */
export interface ExpectedReleases {
  readonly blue: Releases;
  readonly green: Releases;
  readonly expected: 'blue' | 'green';
  /** Paths that the plan knows to be behind a login once traffic has moved. Default: none. */
  readonly behindLogin?: readonly string[];
}

/** A login answers with a redirect to its provider, a rule that validates tokens with 401, and a firewall with 403. */
const isGuard = (status: number | null): status is number =>
  status !== null && ((status >= 300 && status < 400) || status === 401 || status === 403);

const markerOf = ({ status, text }: ProbeAnswer) => (status === 200 ? text.trim() : null);

/** What an answer to the request for the release marker says. */
export const releaseAnswerOf = (answer: ProbeAnswer): ReleaseAnswer =>
  isGuard(answer.status) ? { guard: answer.status } : markerOf(answer);

const isGuarded = (answer: ReleaseAnswer | undefined): answer is Guarded =>
  typeof answer === 'object' && answer !== null;

/** Whether a path's marker tells the two releases apart: else it is asked for its health page. */
export const tellsReleases = (path: string, { blue, green }: ExpectedReleases): boolean =>
  typeof green[path] === 'string' && green[path] !== blue[path];

/**
 * What an answer says after traffic has moved. `guarded`: nothing, for the login that was there before, or was planned, is there.
 * @param answer to the request for the marker where that tells the releases apart, else for the health page
 */
export function judgeAnswer(
  path: string,
  answer: ProbeAnswer,
  releases: ExpectedReleases,
): 'right' | 'wrong' | 'guarded' {
  const { blue, green, expected, behindLogin = [] } = releases;
  const mayBeGuarded = isGuarded(blue[path]) || isGuarded(green[path]) || behindLogin.includes(path);
  if (mayBeGuarded && isGuard(answer.status)) return 'guarded';
  if (tellsReleases(path, releases))
    return (markerOf(answer) === green[path]) === (expected === 'green') ? 'right' : 'wrong';
  return expected === 'blue' || answer.status === 200 ? 'right' : 'wrong';
}

/** What a wrong answer probably means, as a sentence to be appended; empty where the answer says enough. */
export function explainAnswer({ status, server = '' }: ProbeAnswer): string {
  if (status !== 403 || !server.startsWith('awselb/')) return '';
  return ' The load balancer answered that itself, as it does for AWS WAF: let the worker through there, by its address or a header (docs/operations/probes.md).';
}
