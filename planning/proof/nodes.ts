/**
 * Which addresses of a load balancer count. Its name has an address for every node, of both families where it is dual-stack; they
 * come and go as it scales, and a worker may have no route to one of the families.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
 */
import type { ProbeAnswer } from './answers';

export type Family = 'ipv4' | 'ipv6';

export const familyOf = (address: string): Family => (address.includes(':') ? 'ipv6' : 'ipv4');

export const familyNames = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** What the kernel, or the network, says where there is no way to an address. */
const withoutRoute = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTUNREACH', 'EAFNOSUPPORT']);

export interface AddressAnswer {
  readonly address: string;
  readonly answer: ProbeAnswer;
}

const hasNoRoute = ({ answer: { code = '' } }: AddressAnswer) => withoutRoute.has(code);

/** A family to which there is no way from here: no address of it has a route, while those of the other have. */
export function familyWithoutRoute(answers: readonly AddressAnswer[]): Family | undefined {
  const isLost = (family: Family) => {
    const own = answers.filter(({ address }) => familyOf(address) === family);
    return own.length > 0 && own.every(hasNoRoute);
  };
  const lost = (['ipv6', 'ipv4'] as const).filter(isLost);
  return lost.length === 1 && answers.some((one) => !hasNoRoute(one)) ? lost[0] : undefined;
}

/**
 * The answers that count.
 * @param listed the addresses that the name has now: silence at one that it had before is no failure
 * @param leftOut the family without a route
 */
export const countingAnswers = <Answer extends AddressAnswer>(
  answers: readonly Answer[],
  listed: readonly string[],
  leftOut: Family | undefined,
): Answer[] =>
  answers.filter(
    ({ address, answer }) => familyOf(address) !== leftOut && (answer.status !== null || listed.includes(address)),
  );

/** An address that answers nobody, while others answer; `undefined` where there is none. */
export function silentAddress(answers: readonly AddressAnswer[]): string | undefined {
  const answering = new Set(answers.flatMap(({ address, answer }) => (answer.status === null ? [] : [address])));
  return answering.size === 0 ? undefined : answers.find(({ address }) => !answering.has(address))?.address;
}

/** What was left out, as a sentence. */
export const formatLeftOut = (family: Family): string =>
  `The load balancer has ${familyNames[family]} addresses too, to which this worker has no route: they were left out.`;
