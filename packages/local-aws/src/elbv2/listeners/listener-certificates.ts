/** The certificates of HTTPS listeners: acm/certificates.ts has those that exist. */
import type {
  AddListenerCertificatesInput,
  AddListenerCertificatesOutput,
  Certificate,
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput,
  RemoveListenerCertificatesInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Given } from '../../operations';
import { fail } from '../../protocol/errors';
import { checkCertificates, invalid, listenerOf, pageOf, type Elbv2 } from '../elbv2';
import { quotas } from '../quotas';
import type { Listener } from '../state';

/**
 * Adds certificates, except those that the listener already has.
 * @throws {AwsError} with code `ListenerNotFound`, `CertificateNotFound` or `TooManyCertificates`
 */
export function addListenerCertificates(
  elbv2: Elbv2,
  input: Given<AddListenerCertificatesInput>,
): AddListenerCertificatesOutput {
  const listener = httpsListener(elbv2, input.ListenerArn);
  const wanted = arnsOf(input.Certificates);
  checkCertificates(elbv2, wanted);
  const all = [...new Set([...(listener.moreCertificates ?? []), ...wanted])];
  if (all.length > quotas.certificatesPerListener) {
    fail('TooManyCertificatesException', "You've reached the limit on the number of certificates per load balancer");
  }
  listener.moreCertificates = all;
  elbv2.changed();
  return { Certificates: wanted.map((CertificateArn) => ({ CertificateArn, IsDefault: false })) };
}

/**
 * Removes certificates, but never the default one.
 * @throws {AwsError} with code `ListenerNotFound` or `OperationNotPermitted`
 */
export function removeListenerCertificates(elbv2: Elbv2, input: Given<RemoveListenerCertificatesInput>): object {
  const listener = httpsListener(elbv2, input.ListenerArn);
  const unwanted = arnsOf(input.Certificates);
  if (listener.certificates.some(({ CertificateArn: arn = '' }) => unwanted.includes(arn))) {
    fail('OperationNotPermittedException', 'The default certificate of a listener cannot be removed');
  }
  listener.moreCertificates = (listener.moreCertificates ?? []).filter((arn) => !unwanted.includes(arn));
  elbv2.changed();
  return {};
}

/** The default certificate is the first. */
export function describeListenerCertificates(
  elbv2: Elbv2,
  input: Given<DescribeListenerCertificatesInput>,
): DescribeListenerCertificatesOutput {
  const listener = listenerOf(elbv2, input.ListenerArn);
  const all = [
    ...listener.certificates.map(({ CertificateArn }) => ({ CertificateArn, IsDefault: true })),
    ...(listener.moreCertificates ?? []).map((CertificateArn) => ({ CertificateArn, IsDefault: false })),
  ];
  const { items, ...next } = pageOf(all, input);
  return { Certificates: items, ...next };
}

function httpsListener(elbv2: Elbv2, arn: string): Listener {
  const listener = listenerOf(elbv2, arn);
  if (listener.protocol !== 'HTTPS') invalid(`Certificates cannot be specified for ${listener.protocol} listeners`);
  return listener;
}

function arnsOf(certificates: readonly Certificate[]): string[] {
  if (certificates.length === 0) invalid('A certificate must be specified');
  return certificates.map(
    ({ CertificateArn: arn }) => arn ?? fail('CertificateNotFoundException', 'A certificate ARN must be specified'),
  );
}
