/**
 * The certificates that listeners may have, by ARNs as ACM has them. ACM's own operations are no part of the local AWS; on the
 * control port
 * - `POST /certificates` with JSON `{"names": ["apps.example.com"]}` issues one, and answers with its `arn`;
 * - `GET /certificates` answers with all, and with the `authority` that issues them (PEM).
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ControlRoute } from '../control';
import { arnOf, type Scope } from '../scope';
import { issueCertificate, type Authority } from './authority';

export interface AcmState {
  /** Made at the first start. */
  authority?: Authority;
  /** By ARN. */
  readonly certificates: Record<string, StoredCertificate>;
}

export interface StoredCertificate {
  readonly names: readonly string[];
  /** PEM. */
  readonly certificate: string;
}

const wanted = z.strictObject({
  names: z
    .array(z.string().regex(/^(\*\.)?[\w.:-]+$/, 'a name must be like apps.example.com, *.example.com or ::1'))
    .min(1),
});

interface CertificateParts {
  readonly acm: AcmState;
  readonly authority: Authority;
  readonly scope: Scope;
  /** To be called after a change; resolves when it is stored. */
  readonly stored: () => Promise<void>;
}

export function certificateRoutes({ acm, authority, scope, stored }: CertificateParts): ControlRoute {
  return async ({ method, url, body }) => {
    if (url.pathname !== '/certificates') return undefined;
    if (method === 'GET') return { authority: authority.certificate, certificates: acm.certificates };
    if (method !== 'POST') return undefined;
    const asked = wanted.safeParse(JSON.parse(body));
    if (!asked.success) throw new Error(`The certificate isn't valid: ${asked.error.issues[0]?.message}.`);
    const arn = arnOf(scope, 'acm', `certificate/${randomUUID()}`);
    const { names } = asked.data;
    acm.certificates[arn] = { names, certificate: issueCertificate(authority, names, Date.now()) };
    await stored();
    return { arn };
  };
}
