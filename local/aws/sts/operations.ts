/** STS: who is calling. Everybody is the same here. */
import { accountId } from '../scope';
import type { Operations } from '../operations';

export function stsOperations(): Operations {
  return {
    GetCallerIdentity: () => ({
      UserId: 'AIDALOCALAWS',
      Account: accountId,
      Arn: `arn:aws:iam::${accountId}:user/local`,
    }),
  };
}
