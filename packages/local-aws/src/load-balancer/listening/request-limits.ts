/**
 * Requests that the load balancer doesn't pass on.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
import type { ClientRequest } from './client-exchange';
import type { OwnStatus } from './answers';

/** The limit of the request line, and of each header. */
export const lineBytes = 16 * 1024;
/** The limit of all headers together; Node's own parser refuses more. */
export const headerBytes = 64 * 1024;
const forwardedAddresses = 30;

/** The status with which a request is refused; undefined for one that is allowed. */
export function refusal({ method, url = '', rawHeaders, headers }: ClientRequest): OwnStatus | undefined {
  if (method === 'TRACE') return 405;
  if (!url.startsWith('/') && !/^https?:\/\//i.test(url)) return 400;
  if (url.length > lineBytes) return 400;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if ((rawHeaders[index]?.length ?? 0) + (rawHeaders[index + 1]?.length ?? 0) > lineBytes) return 400;
  }
  const forwardedFor = headers['x-forwarded-for'];
  if (forwardedFor !== undefined && String(forwardedFor).split(',').length > forwardedAddresses) return 463;
  return undefined;
}
