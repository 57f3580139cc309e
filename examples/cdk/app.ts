/** The stack, with what cutover.yaml asks for as outputs. */
import { App, CfnOutput, Fn, LegacyStackSynthesizer, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cutover } from './cutover';
import { environment } from './environment';
import { Roles } from './roles';
import { Zone } from './zone';

const { account, region } = environment;
const app = new App({ outdir: process.env['CDK_OUTDIR'] ?? 'build/cdk.out', analyticsReporting: false });
const stack = new Stack(app, 'Cutover', {
  env: { account, region },
  description: 'OutSystems applications on ECS, and cutover, which deploys them',
  // No assets, and so no bootstrap is needed.
  synthesizer: new LegacyStackSynthesizer(),
});
const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', environment.vpc);
const zone = new Zone(stack, 'Zone', vpc);
new Cutover(stack, 'Deploying', vpc, zone, new Roles(stack, 'Roles'));

const outputs = {
  Cluster: zone.cluster.clusterName,
  Listener: zone.listener.listenerArn,
  TestListener: zone.testListener.listenerArn,
  Subnets: Fn.join(',', environment.vpc.privateSubnetIds),
  SecurityGroup: zone.tasks.securityGroupId,
  Files: zone.files.fileSystemId,
  LogGroup: zone.logGroup.logGroupName,
};
for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value });
app.synth();
