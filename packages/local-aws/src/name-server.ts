/**
 * DNS on loopback: of the load balancers' names, each with the addresses of its nodes, or of Route 53's hosted zones.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
 *
 * An answer lasts for a minute, and has at most eight addresses of a kind, by turns others when there are more. Nothing but
 * these names is known here.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, type Packet, type StringAnswer } from 'dns-packet';

const secondsToLive = 60;
const mostAddresses = 8;
/** RCODE of RFC 1035: there is no such name. */
const noSuchName = 3;

export interface NameServer {
  /** `127.0.0.1:` and its UDP port. */
  readonly address: string;
  close(): Promise<void>;
}

/** The addresses, IPv4 and IPv6, that a name in lower case has now; undefined for a name that there isn't. */
export type AddressesOf = (name: string) => readonly string[] | undefined;

/** @throws {Error} when the port is in use */
export async function startNameServer(port: number, addressesOf: AddressesOf): Promise<NameServer> {
  const socket = createSocket('udp4');
  let turn = 0;
  let closing: Promise<void> | undefined;
  socket.on('message', (question, { address, port: from }) => {
    const reply = replyTo(question, addressesOf, (turn += 1));
    if (reply !== undefined) socket.send(reply, from, address);
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('error', () => undefined);
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => (closing ??= closeSocket(socket)),
  };
}

/** Undefined for what isn't a question. */
function replyTo(message: Buffer, addressesOf: AddressesOf, turn: number): Buffer | undefined {
  const { id, type, questions } = readPacket(message) ?? {};
  const [question] = questions ?? [];
  if (type !== 'query' || question === undefined) return undefined;
  const addresses = addressesOf(question.name.toLowerCase());
  const answers = (addresses ?? [])
    .filter((address) => question.type === (isIPv4(address) ? 'A' : 'AAAA'))
    .map((data): StringAnswer => ({ name: question.name, type: question.type as 'A', ttl: secondsToLive, data }));
  const flags = AUTHORITATIVE_ANSWER | (addresses === undefined ? noSuchName : 0);
  return encode({ id, type: 'response', flags, questions: [question], answers: someOf(answers, turn) });
}

function readPacket(message: Buffer): Packet | undefined {
  try {
    return decode(message);
  } catch {
    return undefined;
  }
}

/** At most eight, beginning with another one each turn. */
function someOf<Item>(items: readonly Item[], turn: number): Item[] {
  const from = turn % Math.max(1, items.length);
  return [...items.slice(from), ...items.slice(0, from)].slice(0, mostAddresses);
}

async function closeSocket(socket: Socket): Promise<void> {
  socket.close();
  await once(socket, 'close');
}
