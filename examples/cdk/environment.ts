/** What is yours: everything to be changed before a deployment stands here. The identifiers are made up. */
export const environment = {
  account: '123456789012',
  region: 'eu-west-1',
  /** The VPC with the Platform Server, whose private subnets reach ECR, CloudWatch Logs, Secrets Manager and Temporal. */
  vpc: {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    publicSubnetIds: ['subnet-0a0a0a0a0a0a0a0a0', 'subnet-0b0b0b0b0b0b0b0b0'],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0fedcba9876543210'],
  },
  platformServer: '10.0.1.20',
  /** From where workers and the Platform Server come to the load balancer: the addresses of the VPC's NAT gateways. */
  comeFrom: ['203.0.113.10/32', '203.0.113.11/32'],
  /** In ACM, for the name that users type. */
  certificate: 'arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000',
  temporal: { address: 'temporal.example.com:7233', namespace: 'deployments' },
  /** false for the first deployment: nothing of cutover's can start until cutover.yaml is in its file system. */
  started: true,
  /** cutover's image: built from its Dockerfile, and pushed into this repository of ECR. */
  image: { repository: 'cutover', tag: '0.1.0' },
  /** In Secrets Manager, by its whole ARN: what the platform's URLs carry. */
  hookSecret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:outsystems/hook-secret-AbCdEf',
};

/** Names, which the policies and cutover.yaml use too. */
export const names = {
  cluster: 'outsystems',
  loadBalancer: 'outsystems',
  logGroup: '/ecs/outsystems',
  executionRole: 'outsystems-execution',
  taskRole: 'outsystems-task',
  workerRole: 'cutover-worker',
  hooksRole: 'cutover-hooks',
  cutoverExecutionRole: 'cutover-execution',
  secrets: 'outsystems',
};
