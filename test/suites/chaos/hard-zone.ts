/**
 * A stack at its hardest: what an administrator may find on a real account, all at once. Tasks are Windows ones, some don't start,
 * reads are late, and others use half of AWS's rates. The zone is on HTTPS; its default rule leads to a farm that is sticky, beside
 * an old one at weight 0; some modules are behind a login.
 */
import {
  CreateListenerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  type Action,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { changeSettings } from '../../../local/stack/settings';
import { localNetwork } from '../../../local/stack/zone';
import { freePort } from '../../../packages/local-aws/test/free-port';
import type { OwnStack } from './own-stack';

/** The certificate's name, which the machine resolves to its own addresses. */
const host = 'localhost';

/**
 * Puts the stack's zone on HTTPS listeners of its own.
 * @param guarded the modules that only users who have logged in may ask
 * @returns its address, `https://…`
 */
export async function hardenZone(own: OwnStack, guarded: readonly string[]): Promise<string> {
  const { living } = own;
  const { elb } = living.stackAws();
  const { settings } = living.stack();
  const { TargetGroups: [farm] = [] } = await elb.send(new DescribeTargetGroupsCommand({ Names: ['platform-server'] }));
  const old = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'old-farm',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: localNetwork.vpc,
      TargetType: 'ip',
    }),
  );
  const farmArn = farm?.TargetGroupArn ?? '';
  const oldArn = old.TargetGroups?.[0]?.TargetGroupArn ?? '';
  const toFarm: Action = {
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: oldArn, Weight: 0 },
        { TargetGroupArn: farmArn, Weight: 100 },
      ],
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
    },
  };
  const listen = await httpsListeners(own);
  const live = await listen(toFarm);
  const test = await listen(notFound);
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: farmArn,
      Attributes: [
        { Key: 'stickiness.enabled', Value: 'true' },
        { Key: 'stickiness.type', Value: 'lb_cookie' },
      ],
    }),
  );
  for (const [index, module] of guarded.entries())
    await elb.send(
      new CreateRuleCommand({
        ListenerArn: live.arn,
        Priority: 5000 + index,
        Conditions: [{ Field: 'path-pattern', Values: [`/${module}`, `/${module}/*`] }],
        Actions: [login, { Type: 'forward', Order: 2, TargetGroupArn: farmArn }],
      }),
    );
  const address = `https://${host}:${live.port}`;
  await changeSettings(settings, [
    { path: ['zones', 'local', 'address'], value: address },
    { path: ['zones', 'local', 'listener'], value: live.arn },
    { path: ['zones', 'local', 'testListener'], value: test.arn },
    ...onWindows,
  ]);
  return address;
}

/** Puts the stack's zone on HTTPS listeners, as logins want them; the live one leads to the Platform Server. @returns their addresses */
export async function secureZone(own: OwnStack): Promise<{ readonly live: string; readonly test: string }> {
  const { stack, stackAws } = own.living;
  const find = new DescribeTargetGroupsCommand({ Names: ['platform-server'] });
  const { TargetGroups: [farm] = [] } = await stackAws().elb.send(find);
  const listen = await httpsListeners(own);
  const live = await listen({ Type: 'forward', TargetGroupArn: farm?.TargetGroupArn });
  const test = await listen(notFound);
  const addresses = { live: `https://${host}:${live.port}`, test: `https://${host}:${test.port}` };
  await changeSettings(stack().settings, [
    { path: ['zones', 'local', 'address'], value: addresses.live },
    { path: ['zones', 'local', 'listener'], value: live.arn },
    { path: ['zones', 'local', 'testListener'], value: test.arn },
  ]);
  return addresses;
}

const notFound: Action = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain', MessageBody: 'Nothing is here.' },
};

/** Makes listeners on the stack's load balancer, with the certificate that {@link host} has. */
async function httpsListeners({ living }: OwnStack) {
  const { elb } = living.stackAws();
  const { LoadBalancers: [balancer] = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
  const CertificateArn = await issueCertificate(living.stack().aws.control);
  return async (action: Action) => {
    const Port = await freePort();
    const { Listeners } = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancer?.LoadBalancerArn,
        Protocol: 'HTTPS',
        Port,
        Certificates: [{ CertificateArn }],
        DefaultActions: [action],
      }),
    );
    return { port: Port, arn: Listeners?.[0]?.ListenerArn ?? '' };
  };
}

/** Instances with Windows know the memory of containers alone; what else Windows needs is the platform's default. */
const onWindows = [
  { path: ['zones', 'local', 'platform'], value: 'windows' },
  { path: ['zones', 'local', 'caseInsensitive'], value: undefined },
  { path: ['zones', 'local', 'taskDefinition', 'cpu'], value: undefined },
  { path: ['zones', 'local', 'taskDefinition', 'memory'], value: undefined },
  {
    path: ['zones', 'local', 'taskDefinition', 'containerDefinitions'],
    value: [{ name: 'application', memory: 512 }],
  },
];

const login: Action = {
  Type: 'authenticate-cognito',
  Order: 1,
  AuthenticateCognitoConfig: {
    UserPoolArn: 'arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_users',
    UserPoolClientId: 'apps',
    UserPoolDomain: 'apps',
  },
};

async function issueCertificate(control: string): Promise<string> {
  const answer = await fetch(`${control}/certificates`, { method: 'POST', body: JSON.stringify({ names: [host] }) });
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as { arn: string }).arn;
}
