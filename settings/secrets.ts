/** Secrets that callers show: compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** All digests have one length, so that a comparison doesn't reveal the secret's. */
const digest = (text: string) => createHash('sha256').update(text).digest();

/** The check whether what a caller gave is one of these secrets; each is compared, whichever it is. */
export function anyOf(secrets: readonly string[]): (given: string | undefined) => boolean {
  const checks = secrets.map(equalTo);
  return (given) => checks.map((check) => check(given)).includes(true);
}

/** The check whether what a caller gave is this secret. */
export function equalTo(secret: string): (given: string | undefined) => boolean {
  const expected = digest(secret);
  return (given) => timingSafeEqual(digest(given ?? ''), expected);
}
