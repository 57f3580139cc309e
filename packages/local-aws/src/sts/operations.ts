/** STS: the caller's identity, and roles. Every caller is the same here; any role of this account can be assumed. */
import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { AwsError } from '../protocol/errors';
import { accountId, hexId } from '../scope';
import type { Given, Operations } from '../operations';

export function stsOperations(): Operations {
  return {
    GetCallerIdentity: () => ({
      UserId: 'AIDALOCALAWS',
      Account: accountId,
      Arn: `arn:aws:iam::${accountId}:user/local`,
    }),
    AssumeRole: assumeRole,
  };
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
function assumeRole({ RoleArn, RoleSessionName, DurationSeconds = 3600 }: Given<AssumeRoleCommandInput>) {
  const role = new RegExp(`^arn:aws[a-z-]*:iam::${accountId}:role/(?:.*/)?([^/]+)$`).exec(RoleArn)?.[1];
  if (role === undefined)
    throw new AwsError(
      'AccessDenied',
      `User: arn:aws:iam::${accountId}:user/local is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      403,
    );
  return {
    Credentials: {
      AccessKeyId: `ASIA${hexId(16).toUpperCase()}`,
      SecretAccessKey: hexId(40),
      SessionToken: hexId(64),
      Expiration: new Date(Date.now() + DurationSeconds * 1000),
    },
    AssumedRoleUser: {
      AssumedRoleId: `AROALOCALAWS:${RoleSessionName}`,
      Arn: `${RoleArn.replace(':iam:', ':sts:').replace(/:role\/.*$/, `:assumed-role/${role}`)}/${RoleSessionName}`,
    },
  };
}
