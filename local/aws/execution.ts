/**
 * Runs the operations of all services: counts the calls, and lets an answer out only after what it says is stored.
 * What the local AWS lacks is refused as AWS refuses what it doesn't know, never answered with an empty success.
 */
import { isRead, type Operations } from './operations';
import { unknownAction, unknownOperation, type ApiCall, type Execute } from './protocol/dispatch';
import type { Store } from './store';

/** Calls answered since the start, by `service:Operation`. */
export type CallCounts = Record<string, number>;

export function executor(services: Readonly<Record<string, Operations>>, store: Store, calls: CallCounts): Execute {
  return async (call) => {
    const operation = services[call.model.name]?.[call.operation] ?? refuse(call);
    const name = `${call.model.name}:${call.operation}`;
    calls[name] = (calls[name] ?? 0) + 1;
    try {
      return await operation(call.input as never);
    } finally {
      if (!isRead(call.operation)) store.changed();
      await store.saved();
    }
  };
}

function refuse({ model, operation }: ApiCall): never {
  return model.wire.protocol === 'json' ? unknownOperation(operation) : unknownAction(operation);
}
