/** What an account has besides clusters: its settings, Fargate's capacity providers, and no container instance. */
import type {
  CapacityProvider,
  DescribeCapacityProvidersRequest,
  DescribeCapacityProvidersResponse,
  DescribeContainerInstancesRequest,
  DescribeContainerInstancesResponse,
  ListAccountSettingsRequest,
  ListAccountSettingsResponse,
  ListContainerInstancesRequest,
  ListContainerInstancesResponse,
  SettingName,
} from '@aws-sdk/client-ecs';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import { accountId, arnOf } from '../scope';
import { clusterOf, pageOf, type Ecs } from './ecs';

/** The capacity providers that every account has. */
export const capacityProviders: readonly string[] = ['FARGATE', 'FARGATE_SPOT'];

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html */
const defaultSettings: readonly (readonly [SettingName, string])[] = [
  ['awsvpcTrunking', 'disabled'],
  ['containerInsights', 'disabled'],
  ['containerInstanceLongArnFormat', 'enabled'],
  ['defaultLogDriverMode', 'non-blocking'],
  ['fargateFIPSMode', 'disabled'],
  ['fargateTaskRetirementWaitPeriod', '7'],
  ['guardDutyActivate', 'off'],
  ['serviceLongArnFormat', 'enabled'],
  ['tagResourceAuthorization', 'on'],
  ['taskLongArnFormat', 'enabled'],
];

/** As on AWS, the defaults are listed only with `effectiveSettings`; here nothing else is set. */
export function listAccountSettings(_ecs: Ecs, input: ListAccountSettingsRequest): ListAccountSettingsResponse {
  const effective = input.effectiveSettings === true ? defaultSettings : [];
  const settings = effective
    .filter(([name]) => input.name === undefined || name === input.name)
    .filter(([, value]) => input.value === undefined || value === input.value)
    .map(([name, value]) => ({ name, value, principalArn: `arn:aws:iam::${accountId}:root`, type: 'user' as const }));
  const { items, ...next } = pageOf(settings, input);
  return { settings: items, ...next };
}

export function describeCapacityProviders(
  ecs: Ecs,
  input: DescribeCapacityProvidersRequest,
): DescribeCapacityProvidersResponse {
  const wanted = input.capacityProviders ?? capacityProviders;
  const nameOf = (reference: string): string => reference.split('/').at(-1) ?? reference;
  const known = wanted.filter((reference) => capacityProviders.includes(nameOf(reference)));
  const { items, ...next } = pageOf(known, input, 10);
  return {
    capacityProviders: items.map((reference) => describe(ecs, nameOf(reference))),
    failures: wanted
      .filter((reference) => !known.includes(reference))
      .map((arn) => ({ arn: arn.startsWith('arn:') ? arn : providerArn(ecs, arn), reason: 'MISSING' })),
    ...next,
  };
}

/** Always empty: tasks run on this machine, which isn't a container instance. */
export function listContainerInstances(ecs: Ecs, input: ListContainerInstancesRequest): ListContainerInstancesResponse {
  clusterOf(ecs, input.cluster);
  return { containerInstanceArns: [] };
}

export function describeContainerInstances(
  ecs: Ecs,
  input: Given<DescribeContainerInstancesRequest>,
): DescribeContainerInstancesResponse {
  const { name } = clusterOf(ecs, input.cluster);
  if (input.containerInstances.length === 0) {
    fail('InvalidParameterException', 'Container instances can not be empty.');
  }
  const arn = (id: string): string =>
    id.startsWith('arn:') ? id : arnOf(ecs.scope, 'ecs', `container-instance/${name}/${id}`);
  return {
    containerInstances: [],
    failures: input.containerInstances.map((id) => ({ arn: arn(id), reason: 'MISSING' })),
  };
}

function describe(ecs: Ecs, name: string): CapacityProvider {
  return { capacityProviderArn: providerArn(ecs, name), name, status: 'ACTIVE', tags: [] };
}

function providerArn(ecs: Ecs, name: string): string {
  return arnOf(ecs.scope, 'ecs', `capacity-provider/${name}`);
}
