/** What the operations of the services around ECS and ELBv2 need, by the pages of the service authorization reference. */
import type { ChangeBatch } from '@aws-sdk/client-route-53';
import { keyOf } from '../../kms/state';
import { accountId, arnOf, type Scope } from '../../scope';
import type { Authorization } from '../policies';
import { requestTags, tagKeys, type TagList } from './context';

/** The members of inputs that name a resource; each operation has some of them. */
interface Input {
  readonly registryId?: string;
  readonly repositoryName?: string;
  readonly repositoryNames?: readonly string[];
  readonly logGroupName?: string;
  readonly logStreamName?: string;
  readonly AlarmName?: string;
  readonly AlarmNames?: readonly string[];
  readonly AlarmActions?: readonly string[];
  readonly OKActions?: readonly string[];
  readonly InsufficientDataActions?: readonly string[];
  readonly ResourceARN?: string;
  readonly ResourceId?: string;
  readonly ServiceNamespace?: string;
  readonly ScalableDimension?: string;
  readonly RoleArn?: string;
  readonly RoleSessionName?: string;
  readonly ExternalId?: string;
  readonly Tags?: TagList | Readonly<Record<string, string>>;
  readonly TagKeys?: readonly string[];
  readonly KeyId?: string;
  readonly CiphertextBlob?: Uint8Array;
  readonly EncryptionContext?: Readonly<Record<string, string>>;
  readonly Id?: string;
  readonly HostedZoneId?: string;
  readonly ResourceType?: string;
  readonly ChangeBatch?: ChangeBatch;
}

type OfService = (scope: Scope, operation: string, input: Input) => Authorization[];

/** By the name that the service has in a signature. */
export const otherAuthorizations: Readonly<Record<string, OfService>> = {
  ec2: (_scope, operation) => [{ action: `ec2:${operation}`, resource: '*', context: {} }],
  ecr: ecrAuthorizations,
  logs: logsAuthorizations,
  monitoring: cloudwatchAuthorizations,
  'application-autoscaling': autoscalingAuthorizations,
  sts: stsAuthorizations,
  kms: kmsAuthorizations,
  route53: route53Authorizations,
};

function ecrAuthorizations(scope: Scope, operation: string, input: Input): Authorization[] {
  const names = input.repositoryNames ?? [input.repositoryName ?? '*'];
  const account = input.registryId ?? accountId;
  return names.map((name) => ({
    action: `ecr:${operation}`,
    resource: `arn:aws:ecr:${scope.region}:${account}:repository/${name}`,
    context: {},
  }));
}

function logsAuthorizations(
  scope: Scope,
  operation: string,
  { logGroupName, logStreamName = '*' }: Input,
): Authorization[] {
  const group = logGroupName === undefined ? '*' : arnOf(scope, 'logs', `log-group:${logGroupName}`);
  const resource = operation === 'GetLogEvents' ? `${group}:log-stream:${logStreamName}` : group;
  return [{ action: `logs:${operation}`, resource, context: {} }];
}

/** Its actions bear another name than its signatures. */
function cloudwatchAuthorizations(scope: Scope, operation: string, input: Input): Authorization[] {
  const alarm = (name: string): string => arnOf(scope, 'cloudwatch', `alarm:${name}`);
  const ofAlarms = /Alarm/.test(operation);
  const names = ofAlarms ? (input.AlarmNames ?? [input.AlarmName ?? '*']).map(alarm) : [input.ResourceARN ?? '*'];
  const actions = ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const;
  const called = operation === 'PutMetricAlarm' ? actions.flatMap((kind) => input[kind] ?? []) : [];
  const context = {
    ...requestTags(input.Tags as TagList),
    ...tagKeys(input.TagKeys),
    ...(called.length > 0 && { 'cloudwatch:alarmactions': called }),
  };
  return names.map((resource) => ({ action: `cloudwatch:${operation}`, resource, context }));
}

function autoscalingAuthorizations(scope: Scope, operation: string, input: Input): Authorization[] {
  const action = `application-autoscaling:${operation}`;
  if (operation.startsWith('Describe')) return [{ action, resource: '*', context: {} }];
  const tags = Object.entries((input.Tags ?? {}) as Readonly<Record<string, string>>).map(([key, value]) => ({
    key,
    value,
  }));
  const context = {
    ...(input.ServiceNamespace && { 'application-autoscaling:service-namespace': [input.ServiceNamespace] }),
    ...(input.ScalableDimension && { 'application-autoscaling:scalable-dimension': [input.ScalableDimension] }),
    ...requestTags(tags),
    ...tagKeys(input.TagKeys),
  };
  const resource = input.ResourceARN ?? arnOf(scope, 'application-autoscaling', 'scalable-target/*');
  // https://docs.aws.amazon.com/autoscaling/application/userguide/resource-tagging-support.html
  const tagging = operation === 'RegisterScalableTarget' && tags.length > 0;
  return [action, ...(tagging ? ['application-autoscaling:TagResource'] : [])].map((one) => ({
    action: one,
    resource,
    context,
  }));
}

/** Whoever has credentials may ask who he is: GetCallerIdentity needs nothing. */
function stsAuthorizations(_scope: Scope, operation: string, input: Input): Authorization[] {
  if (operation === 'GetCallerIdentity') return [];
  const context = {
    ...(input.RoleSessionName && { 'sts:rolesessionname': [input.RoleSessionName] }),
    ...(input.ExternalId && { 'sts:externalid': [input.ExternalId] }),
  };
  return [{ action: `sts:${operation}`, resource: input.RoleArn ?? '*', context }];
}

/** A ciphertext names its key. */
function kmsAuthorizations(
  scope: Scope,
  operation: string,
  { KeyId, CiphertextBlob, EncryptionContext = {} }: Input,
): Authorization[] {
  const key = KeyId ?? (CiphertextBlob && keyOf(CiphertextBlob));
  const resource = key === undefined || key.startsWith('arn:') ? key : arnOf(scope, 'kms', `key/${key}`);
  const pairs = Object.entries(EncryptionContext);
  const context = {
    ...Object.fromEntries(pairs.map(([name, value]) => [`kms:encryptioncontext:${name.toLowerCase()}`, [value]])),
    ...(pairs.length > 0 && { 'kms:encryptioncontextkeys': pairs.map(([name]) => name) }),
  };
  return [{ action: `kms:${operation}`, resource: resource ?? '*', context }];
}

/** Its resources are of no region and no account. */
function route53Authorizations(_scope: Scope, operation: string, input: Input): Authorization[] {
  const { Id, HostedZoneId, ResourceType = 'hostedzone', ResourceId } = input;
  const id = (HostedZoneId ?? Id ?? ResourceId)?.replace(/^.*\//, '');
  const type = operation === 'GetChange' ? 'change' : ResourceType;
  const resource = id === undefined ? '*' : `arn:aws:route53:::${type}/${id}`;
  const names = (input.ChangeBatch?.Changes ?? []).map(({ ResourceRecordSet: { Name = '' } = {} }) =>
    Name.toLowerCase().replace(/\.$/, ''),
  );
  const context = names.length > 0 ? { 'route53:changeresourcerecordsetsnormalizedrecordnames': names } : {};
  return [{ action: `route53:${operation}`, resource, context }];
}
