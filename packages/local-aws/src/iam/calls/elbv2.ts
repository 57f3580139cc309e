/**
 * What each operation of ELBv2 needs. What is created has no ID yet: AWS asks for its ARN with `*` in that place.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 */
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Elbv2 } from '../../elbv2/elbv2';
import { arnOf } from '../../scope';
import type { Authorization } from '../policies';
import { requestTags, resourceTags, tagKeys } from './context';

/** The members of inputs that name a resource or decide what is needed; each operation has some of them. */
interface Input {
  readonly Name?: string;
  readonly Tags?: readonly Tag[];
  readonly TagKeys?: readonly string[];
  readonly ResourceArns?: readonly string[];
  readonly LoadBalancerArn?: string;
  readonly ListenerArn?: string;
  readonly RuleArn?: string;
  readonly TargetGroupArn?: string;
  readonly RulePriorities?: readonly { readonly RuleArn?: string }[];
}

type Elbv2Part = Pick<Elbv2, 'state' | 'scope'>;

export function elbv2Authorizations(elbv2: Elbv2Part, operation: string, given: unknown): Authorization[] {
  const input = given as Input;
  const own = resourcesOf(elbv2, operation, input).map((resource) => ({
    action: `elasticloadbalancing:${operation}`,
    resource,
    context: {
      ...resourceTags(elbv2.state.tags[resource], 'elasticloadbalancing'),
      ...requestTags(input.Tags as never),
      ...tagKeys(input.TagKeys),
    },
  }));
  return [...own, ...tagging(elbv2, operation, input)];
}

function resourcesOf(elbv2: Elbv2Part, operation: string, input: Input): readonly string[] {
  if (operation.startsWith('Describe')) return ['*'];
  if (operation === 'CreateLoadBalancer' || operation === 'CreateTargetGroup')
    return [createdBy(elbv2, operation, input)];
  if (operation === 'SetRulePriorities') return (input.RulePriorities ?? []).map(({ RuleArn = '' }) => RuleArn);
  const named = input.RuleArn ?? input.ListenerArn ?? input.LoadBalancerArn ?? input.TargetGroupArn ?? '*';
  return input.ResourceArns ?? [named];
}

function createdBy(
  { scope }: Elbv2Part,
  operation: string,
  { Name = '', ListenerArn = '', LoadBalancerArn = '' }: Input,
): string {
  if (operation === 'CreateLoadBalancer') return arnOf(scope, 'elasticloadbalancing', `loadbalancer/app/${Name}/*`);
  if (operation === 'CreateTargetGroup') return arnOf(scope, 'elasticloadbalancing', `targetgroup/${Name}/*`);
  if (operation === 'CreateListener') return `${LoadBalancerArn.replace(':loadbalancer/', ':listener/')}/*`;
  return `${ListenerArn.replace(':listener/', ':listener-rule/')}/*`;
}

/**
 * Tags at a creation need AddTags beside, with the name of that operation.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
 */
function tagging(elbv2: Elbv2Part, operation: string, input: Input): Authorization[] {
  if (!operation.startsWith('Create') || !input.Tags?.length) return [];
  const context = { ...requestTags(input.Tags as never), 'elasticloadbalancing:createaction': [operation] };
  return [{ action: 'elasticloadbalancing:AddTags', resource: createdBy(elbv2, operation, input), context }];
}
