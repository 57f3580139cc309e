/** The settings of a load balancer and its listeners besides rules, and those of the account, as other tools use them. */
import { startLocalAws, type LocalAws } from '../local-aws';

let local: LocalAws;
let LoadBalancerArn: string;
let http: string;
let https: string;

const made = new Map<string, string>();

/** The certificate of a name, which is issued when it is needed first. */
async function certificate(name: string): Promise<{ CertificateArn: string }> {
  const known = made.get(name);
  if (known !== undefined) return { CertificateArn: known };
  const body = JSON.stringify({ names: [`${name}.example.com`] });
  const answer = await fetch(`${local.aws.controlUrl}/certificates`, { method: 'POST', body });
  const { arn } = (await answer.json()) as { arn: string };
  made.set(name, arn);
  return { CertificateArn: arn };
}

const unknown = { CertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/unknown' };

beforeAll(async () => {
  local = await startLocalAws();
  const zone = await local.elbv2.createLoadBalancer({ Name: 'zone', Subnets: ['subnet-a', 'subnet-b'] });
  LoadBalancerArn = zone.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const DefaultActions = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }] as const;
  const listener = async (Protocol: 'HTTP' | 'HTTPS', Port: number, Certificates: object[]): Promise<string> => {
    const input = { LoadBalancerArn, Protocol, Port, Certificates, DefaultActions: [...DefaultActions] };
    return (await local.elbv2.createListener(input)).Listeners?.[0]?.ListenerArn ?? '';
  };
  http = await listener('HTTP', 8080, []);
  https = await listener('HTTPS', 8443, [await certificate('default')]);
});
afterAll(() => local.close());

test('a load balancer keeps at least two subnets and takes security groups only', async () => {
  await expect(local.elbv2.setSubnets({ LoadBalancerArn, Subnets: ['subnet-a'] })).rejects.toMatchObject({
    name: 'ValidationError',
  });
  await expect(local.elbv2.setSecurityGroups({ LoadBalancerArn, SecurityGroups: ['web'] })).rejects.toMatchObject({
    name: 'InvalidSecurityGroupException',
  });
  await local.elbv2.setSubnets({ LoadBalancerArn, Subnets: ['subnet-b', 'subnet-c'] });
  await local.elbv2.setSecurityGroups({ LoadBalancerArn, SecurityGroups: ['sg-1'] });
  await local.elbv2.setIpAddressType({ LoadBalancerArn, IpAddressType: 'dualstack' });
  const { LoadBalancers: [found] = [] } = await local.elbv2.describeLoadBalancers({ Names: ['zone'] });
  expect(found).toMatchObject({
    AvailabilityZones: [{ SubnetId: 'subnet-b' }, { SubnetId: 'subnet-c' }],
    SecurityGroups: ['sg-1'],
    IpAddressType: 'dualstack',
  });
});

test('certificates belong to HTTPS listeners, and the default one stays', async () => {
  const add = async (ListenerArn: string, ...names: string[]): Promise<unknown> =>
    local.elbv2.addListenerCertificates({ ListenerArn, Certificates: await Promise.all(names.map(certificate)) });
  await expect(add(http, 'one')).rejects.toMatchObject({ name: 'ValidationError' });
  await expect(add(https, ...Array.from({ length: 26 }, (_, index) => `c${index}`))).rejects.toMatchObject({
    name: 'TooManyCertificatesException',
  });
  await add(https, 'one', 'two');
  await add(https, 'one');
  await expect(
    local.elbv2.removeListenerCertificates({ ListenerArn: https, Certificates: [await certificate('default')] }),
  ).rejects.toMatchObject({ name: 'OperationNotPermittedException' });
  await local.elbv2.removeListenerCertificates({ ListenerArn: https, Certificates: [await certificate('two')] });
  expect((await local.elbv2.describeListenerCertificates({ ListenerArn: https })).Certificates).toEqual([
    { ...(await certificate('default')), IsDefault: true },
    { ...(await certificate('one')), IsDefault: false },
  ]);
});

test('a certificate that does not exist is refused wherever one is named, and so is mutual authentication', async () => {
  const missing = {
    name: 'CertificateNotFoundException',
    message: `Certificate '${unknown.CertificateArn}' not found`,
  };
  const DefaultActions = [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '404' } }];
  const input = { LoadBalancerArn, Protocol: 'HTTPS' as const, Port: 9443, DefaultActions };
  await expect(local.elbv2.createListener({ ...input, Certificates: [unknown] })).rejects.toMatchObject(missing);
  const Certificates = [unknown];
  await expect(local.elbv2.modifyListener({ ListenerArn: https, Certificates })).rejects.toMatchObject(missing);
  await expect(local.elbv2.addListenerCertificates({ ListenerArn: https, Certificates })).rejects.toMatchObject(
    missing,
  );
  const MutualAuthentication = { Mode: 'verify', TrustStoreArn: 'arn:aws:elasticloadbalancing:x:y:truststore/z' };
  await expect(local.elbv2.modifyListener({ ListenerArn: https, MutualAuthentication })).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining("mutual authentication mode 'verify'"),
  });
});

test('a listener has the attributes of the reference, and no others', async () => {
  const set = (Key: string, Value: string): Promise<unknown> =>
    local.elbv2.modifyListenerAttributes({ ListenerArn: http, Attributes: [{ Key, Value }] });
  await expect(set('routing.http.response.colour', 'red')).rejects.toMatchObject({ name: 'ValidationError' });
  await expect(set('routing.http.response.server.enabled', 'maybe')).rejects.toMatchObject({
    name: 'ValidationError',
  });
  await set('routing.http.response.server.enabled', 'false');
  const { Attributes = [] } = await local.elbv2.describeListenerAttributes({ ListenerArn: http });
  expect(Attributes).toContainEqual({ Key: 'routing.http.response.server.enabled', Value: 'false' });
});

test('the limits that hold are the ones that are told', async () => {
  const { Limits = [] } = await local.elbv2.describeAccountLimits({});
  const limit = (name: string): string | undefined => Limits.find(({ Name }) => Name === name)?.Max;
  expect(limit('rules-per-application-load-balancer')).toBe('100');
  expect(limit('target-groups-per-application-load-balancer')).toBe('100');
});

test('a TLS policy is described by its name, and an unknown one is refused', async () => {
  const name = 'ELBSecurityPolicy-TLS13-1-2-2021-06';
  const { SslPolicies } = await local.elbv2.describeSSLPolicies({ Names: [name] });
  expect(SslPolicies).toMatchObject([{ Name: name, SslProtocols: ['TLSv1.2', 'TLSv1.3'] }]);
  await expect(local.elbv2.describeSSLPolicies({ Names: ['mine'] })).rejects.toMatchObject({
    name: 'SSLPolicyNotFoundException',
  });
});

test('the 51st load balancer of the account is refused', async () => {
  const Subnets = ['subnet-a', 'subnet-b'];
  for (let made = 2; made <= 50; made++) await local.elbv2.createLoadBalancer({ Name: `more-${made}`, Subnets });
  await expect(local.elbv2.createLoadBalancer({ Name: 'one-more', Subnets })).rejects.toMatchObject({
    name: 'TooManyLoadBalancersException',
  });
});
