/**
 * Which certificate a client of an HTTPS listener is shown: the one for the name that it asks for (SNI), else the default one.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 */
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { ListenerConfiguration, ServerCertificate } from '../configuration';

/** The TLS of a listener now. */
export interface ListenerTls {
  /** With the default certificate. */
  readonly options: SecureContextOptions;
  contextFor(name: string): SecureContext;
}

/** Undefined when the listener has no certificate. */
export function tlsOf({ certificates = [], sslPolicy = '' }: ListenerConfiguration): ListenerTls | undefined {
  const minVersion = sslPolicy.includes('TLS13-1-3') ? 'TLSv1.3' : 'TLSv1.2';
  const optionsOf = ({ certificate: cert, key }: ServerCertificate) => ({ cert, key, minVersion }) as const;
  const [standard] = certificates;
  if (standard === undefined) return undefined;
  const contexts = new Map<ServerCertificate, SecureContext>();
  return {
    options: optionsOf(standard),
    contextFor(name) {
      const found =
        certificates.find(({ names }) => names.some((each) => covers(each, name.toLowerCase()))) ?? standard;
      const context = contexts.get(found) ?? createSecureContext(optionsOf(found));
      contexts.set(found, context);
      return context;
    },
  };
}

/** A star stands for one whole label. */
function covers(pattern: string, name: string): boolean {
  const lowered = pattern.toLowerCase();
  return lowered.startsWith('*.') ? name.slice(name.indexOf('.')) === lowered.slice(1) : name === lowered;
}
