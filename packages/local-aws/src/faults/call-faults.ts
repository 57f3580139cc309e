/** The faults of calls: what happens to one before it has an effect, and after. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NoAnswer } from '../protocol/dispatch';
import { AwsError } from '../protocol/errors';
import { accountId } from '../scope';
import { isAbout, type AskedCall } from './asked-calls';
import { matchesOperation, strikes, type ActiveFault, type FaultOf, type Faults } from './faults';
import { createThrottle, type Throttle } from './throttling';

export interface CallFaults {
  /**
   * Applies the faults that strike before a call has an effect.
   * @throws {AwsError} with which the call is answered instead
   * @throws {NoAnswer} when it isn't answered at all
   */
  before(call: AskedCall): Promise<void>;
  /**
   * Applies the faults that strike after a call had its effect.
   * @throws {NoAnswer} when it isn't answered
   */
  after(call: AskedCall): void;
}

/** @param rates by how much AWS's published rates are raised, which hold without any fault too */
export function createCallFaults(faults: Faults, now: () => number, rates: number | 'off' = 1): CallFaults {
  const usual = rates === 'off' ? undefined : createThrottle(rates, now);
  const ofFaults = new Map<ActiveFault, Throttle>();
  const striking = <Kind extends StrikingKind>(
    kind: Kind,
    call: AskedCall,
    suits: (fault: FaultOf<Kind>) => boolean = () => true,
  ): ActiveFault<FaultOf<Kind>>[] =>
    faults.of(kind).filter((one) => suits(one.fault) && strikesCall(one as ActiveFault<StrikingFault>, call));
  const throttleOf = (active: ActiveFault<FaultOf<'throttling'>>): Throttle => {
    const throttle = ofFaults.get(active) ?? createThrottle(active.fault.share, now);
    ofFaults.set(active, throttle);
    return throttle;
  };
  const unanswered = (call: AskedCall, afterEffect: boolean): void => {
    const [first] = striking('noAnswer', call, ({ effect }) => effect === afterEffect);
    if (first) throw new NoAnswer(first.fault.how);
  };
  return {
    before: async (call) => {
      const { operation } = call;
      for (const { fault, random } of striking('latency', call)) {
        await sleep(fault.latencyMs + random() * fault.jitterMs);
      }
      if (striking('accessDenied', call).length > 0) throw accessDenied(operation);
      const throttling = faults.of('throttling').filter(({ fault }) => matchesOperation(fault.operation, operation));
      const throttles = [...(usual ? [usual] : []), ...throttling.map(throttleOf)];
      if (throttles.some((one) => !one.allows(operation))) throw rateExceeded(operation);
      for (const { fault } of striking('error', call)) throw new AwsError(fault.code, fault.message, fault.status);
      unanswered(call, false);
    },
    after: (call) => unanswered(call, true),
  };
}

type StrikingKind = 'latency' | 'accessDenied' | 'error' | 'noAnswer';
type StrikingFault = FaultOf<StrikingKind>;

function strikesCall(active: ActiveFault<StrikingFault>, call: AskedCall): boolean {
  const { fault, struck } = active;
  const isMeant =
    matchesOperation(fault.operation, call.operation) &&
    (fault.only === undefined || (fault.only === 'reads') === call.isRead) &&
    (fault.about === undefined || isAbout(call, fault.about)) &&
    (fault.repeats || !struck.has(`${call.operation} ${call.asked}`));
  if (!isMeant || !strikes(active as ActiveFault)) return false;
  call.struckBy?.(fault.kind);
  if (!fault.repeats) struck.add(`${call.operation} ${call.asked}`);
  return true;
}

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
