/** Who walks waits, and asks again, where a step of somebody's walk strikes him too. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Unanswered } from '../../../../client/errors';
import { isAway } from '../../../../client/retries';
import type { AwsClients } from '../../../../activities/aws/client/clients';

/** Asked again while a process of the stack is being started again, and where a fault was meant for cutover. */
export async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + 90_000; ; await sleep(100))
    try {
      return await ask();
    } catch (error) {
      if (!isUnanswered(error) || Date.now() > until) throw error;
    }
}

function isUnanswered(error: unknown): boolean {
  if (error instanceof Unanswered || isAway(error)) return true;
  const { code, cause, message, type } = error as Readonly<Record<'code' | 'cause' | 'message' | 'type', unknown>>;
  // As cutover's own clients call what faults of calls leave.
  if (typeof type === 'string' && /^(AwsUnavailable|Throttled|AccessDenied)$/.test(type)) return true;
  if (typeof code === 'string' && /^(ECONNREFUSED|ECONNRESET|EPIPE|UND_ERR_SOCKET|ESRCH)$/.test(code)) return true;
  if (typeof message === 'string' && /Asked for by a fault|There is no \w+ to kill now/.test(message)) return true;
  return cause !== undefined && cause !== null && isUnanswered(cause);
}

/** The same clients, each of whose calls is made until it is answered: for calls that say how something is to be. */
export const patient = ({ ecs, elb }: AwsClients): Pick<AwsClients, 'ecs' | 'elb'> => ({
  ecs: patientClient(ecs),
  elb: patientClient(elb),
});

function patientClient<Client extends object>(client: Client): Client {
  return new Proxy(client, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      const call = (...given: unknown[]) => Reflect.apply(found, target, given) as unknown;
      return name === 'send' ? async (...given: unknown[]) => await answered(async () => await call(...given)) : call;
    },
  });
}
