/** The operations of ELBv2 that the local AWS has. */
import type { Operations } from '../operations';
import * as account from './account';
import * as attributes from './attributes';
import type { Elbv2 } from './elbv2';
import * as certificates from './listeners/listener-certificates';
import * as listeners from './listeners/listeners';
import * as loadBalancers from './load-balancers';
import * as rules from './listeners/rules';
import * as tags from './tags';
import * as targetGroups from './target-groups/target-groups';
import * as targets from './target-groups/targets';

export function elbv2Operations(elbv2: Elbv2): Operations {
  const on =
    <Input, Output>(operation: (elbv2: Elbv2, input: Input) => Output): ((input: Input) => Output) =>
    (input) =>
      operation(elbv2, input);
  return {
    CreateLoadBalancer: on(loadBalancers.createLoadBalancer),
    DescribeLoadBalancers: on(loadBalancers.describeLoadBalancers),
    DeleteLoadBalancer: on(loadBalancers.deleteLoadBalancer),
    SetSubnets: on(loadBalancers.setSubnets),
    SetSecurityGroups: on(loadBalancers.setSecurityGroups),
    SetIpAddressType: on(loadBalancers.setIpAddressType),
    DescribeLoadBalancerAttributes: on(attributes.describeLoadBalancerAttributes),
    ModifyLoadBalancerAttributes: on(attributes.modifyLoadBalancerAttributes),
    CreateListener: on(listeners.createListener),
    DescribeListeners: on(listeners.describeListeners),
    ModifyListener: on(listeners.modifyListener),
    DeleteListener: on(listeners.deleteListener),
    DescribeListenerAttributes: on(attributes.describeListenerAttributes),
    ModifyListenerAttributes: on(attributes.modifyListenerAttributes),
    AddListenerCertificates: on(certificates.addListenerCertificates),
    RemoveListenerCertificates: on(certificates.removeListenerCertificates),
    DescribeListenerCertificates: on(certificates.describeListenerCertificates),
    CreateRule: on(rules.createRule),
    DescribeRules: on(rules.describeRules),
    ModifyRule: on(rules.modifyRule),
    DeleteRule: on(rules.deleteRule),
    SetRulePriorities: on(rules.setRulePriorities),
    CreateTargetGroup: on(targetGroups.createTargetGroup),
    DescribeTargetGroups: on(targetGroups.describeTargetGroups),
    ModifyTargetGroup: on(targetGroups.modifyTargetGroup),
    DeleteTargetGroup: on(targetGroups.deleteTargetGroup),
    DescribeTargetGroupAttributes: on(attributes.describeTargetGroupAttributes),
    ModifyTargetGroupAttributes: on(attributes.modifyTargetGroupAttributes),
    RegisterTargets: on(targets.registerTargets),
    DeregisterTargets: on(targets.deregisterTargets),
    DescribeTargetHealth: on(targets.describeTargetHealth),
    AddTags: on(tags.addTags),
    RemoveTags: on(tags.removeTags),
    DescribeTags: on(tags.describeTags),
    DescribeAccountLimits: on(account.describeAccountLimits),
    DescribeSSLPolicies: on(account.describeSslPolicies),
  };
}
