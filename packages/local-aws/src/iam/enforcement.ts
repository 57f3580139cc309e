/** Holds every call to its caller's policies, and records what they were needed for. */
import type { Ecs } from '../ecs/ecs';
import { AwsError } from '../protocol/errors';
import type { ApiCall } from '../protocol/dispatch';
import type { AwsState } from '../state';
import { authorizationsOf } from './calls/index';
import type { Caller } from './identities';
import type { Authorization, Verdict } from './policies';

/** Called with every decision on a caller who has policies. */
export type Decided = (caller: Caller, asked: Authorization, verdict: Verdict) => void;

export type Enforce = (call: ApiCall, caller: Caller) => void;

/** Returns a function that lets a call pass. @throws {AwsError} in AWS's words when a policy is lacking */
export function enforcement(state: AwsState, scope: Ecs['scope'], decided: Decided): Enforce {
  return ({ model, operation, input }, caller) => {
    if (caller.policies === undefined) return;
    for (const asked of authorizationsOf(state, scope, { service: model.name, operation, input })) {
      const verdict = caller.policies(asked);
      decided(caller, asked, verdict);
      if (!verdict.allowed) throw denial(model.wire.protocol, caller, asked, verdict.explicitly);
    }
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function denial(protocol: string, { arn }: Caller, { action, resource }: Authorization, explicitly: boolean): AwsError {
  const why = explicitly
    ? 'with an explicit deny in an identity-based policy'
    : `because no identity-based policy allows the ${action} action`;
  const sentence = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  if (protocol === 'ec2')
    return new AwsError('UnauthorizedOperation', `You are not authorized to perform this operation. ${sentence}`, 403);
  return protocol === 'query'
    ? new AwsError('AccessDenied', sentence, 403)
    : new AwsError('AccessDeniedException', sentence, 400);
}
