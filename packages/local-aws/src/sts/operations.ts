/** STS: the caller's identity, and roles. Any role of this account can be assumed. */
import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { startSession, type Caller, type IamState } from '../iam/identities';
import { AwsError } from '../protocol/errors';
import { accountId } from '../scope';
import type { Given, Operations } from '../operations';

export function stsOperations(iam: IamState): Operations {
  return {
    GetCallerIdentity: (_input: never, { accessKeyId, arn }) => ({
      UserId: `AIDA${accessKeyId.slice(4)}`,
      Account: accountId,
      Arn: arn,
    }),
    AssumeRole: (input: Given<AssumeRoleCommandInput>, caller) => assumeRole(iam, input, caller),
  };
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
function assumeRole(iam: IamState, input: Given<AssumeRoleCommandInput>, { arn }: Caller) {
  const { RoleArn, RoleSessionName: name, DurationSeconds = 3600 } = input;
  const role = new RegExp(`^arn:aws[a-z-]*:iam::${accountId}:role/(?:.*/)?([^/]+)$`).exec(RoleArn)?.[1];
  if (role === undefined)
    throw new AwsError(
      'AccessDenied',
      `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      403,
    );
  const expiresAt = Date.now() + DurationSeconds * 1000;
  const made = startSession(iam, { role, name, expiresAt }, Date.now());
  return {
    Credentials: {
      AccessKeyId: made.accessKeyId,
      SecretAccessKey: made.secretAccessKey,
      SessionToken: made.sessionToken,
      Expiration: new Date(expiresAt),
    },
    AssumedRoleUser: {
      AssumedRoleId: `AROALOCALAWS:${name}`,
      Arn: `${RoleArn.replace(':iam:', ':sts:').replace(/:role\/.*$/, `:assumed-role/${role}`)}/${name}`,
    },
  };
}
