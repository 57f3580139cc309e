/** The faults of calls: what happens to one before it has an effect, and after. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NoAnswer } from '../protocol/dispatch';
import { AwsError } from '../protocol/errors';
import { accountId } from '../scope';
import { matchesOperation, strikes, type ActiveFault, type FaultOf, type Faults } from './faults';
import { createThrottle, type Throttle } from './throttling';

export interface CallFaults {
  /**
   * Applies the faults that strike before a call has an effect.
   * @param operation e.g. `ecs:UpdateService`
   * @throws {AwsError} with which the call is answered instead
   * @throws {NoAnswer} when it isn't answered at all
   */
  before(operation: string): Promise<void>;
  /**
   * Applies the faults that strike after a call had its effect.
   * @throws {NoAnswer} when it isn't answered
   */
  after(operation: string): void;
}

/** @param rates by how much AWS's published rates are raised, which hold without any fault too */
export function createCallFaults(faults: Faults, now: () => number, rates: number | 'off' = 1): CallFaults {
  const usual = rates === 'off' ? undefined : createThrottle(rates, now);
  const ofFaults = new Map<ActiveFault, Throttle>();
  const matching = <Kind extends CallFaultKind>(kind: Kind, operation: string): ActiveFault<FaultOf<Kind>>[] =>
    faults.of(kind).filter(({ fault }) => matchesOperation((fault as CallFault).operation, operation));
  const striking = <Kind extends CallFaultKind>(kind: Kind, operation: string): ActiveFault<FaultOf<Kind>>[] =>
    matching(kind, operation).filter((one) => strikes(one as ActiveFault));
  const throttleOf = (active: ActiveFault<FaultOf<'throttling'>>): Throttle => {
    const throttle = ofFaults.get(active) ?? createThrottle(active.fault.share, now);
    ofFaults.set(active, throttle);
    return throttle;
  };
  return {
    before: async (operation) => {
      for (const { fault, random } of striking('latency', operation)) {
        await sleep(fault.latencyMs + random() * fault.jitterMs);
      }
      if (striking('accessDenied', operation).length > 0) throw accessDenied(operation);
      const throttles = [...(usual ? [usual] : []), ...matching('throttling', operation).map(throttleOf)];
      if (throttles.some((one) => !one.allows(operation))) throw rateExceeded(operation);
      for (const { fault } of striking('error', operation)) throw new AwsError(fault.code, fault.message, fault.status);
      for (const active of matching('noAnswer', operation)) {
        if (!active.fault.effect && strikes(active)) throw new NoAnswer(active.fault.how);
      }
    },
    after: (operation) => {
      for (const active of matching('noAnswer', operation)) {
        if (active.fault.effect && strikes(active)) throw new NoAnswer(active.fault.how);
      }
    },
  };
}

type CallFaultKind = 'latency' | 'accessDenied' | 'throttling' | 'error' | 'noAnswer';
type CallFault = FaultOf<CallFaultKind>;

function speaksQuery(operation: string): boolean {
  return /^(elasticloadbalancing|sts|ec2):/.test(operation);
}

function accessDenied(operation: string): AwsError {
  const message = `User: arn:aws:iam::${accountId}:user/local is not authorized to perform: ${operation} because no identity-based policy allows the ${operation} action`;
  // In the query protocol the code has no suffix.
  return speaksQuery(operation)
    ? new AwsError('AccessDenied', message, 403)
    : new AwsError('AccessDeniedException', message, 400);
}

function rateExceeded(operation: string): AwsError {
  return new AwsError(speaksQuery(operation) ? 'Throttling' : 'ThrottlingException', 'Rate exceeded', 400);
}
