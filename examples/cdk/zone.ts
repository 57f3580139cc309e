/** What a zone of cutover.yaml needs: a cluster, a load balancer with both listeners, logs, and the applications' files. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Peer, Port, SecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IpTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { environment, names } from './environment';

export class Zone extends Construct {
  readonly cluster: Cluster;
  readonly logGroup: LogGroup;
  readonly loadBalancer: elb.ApplicationLoadBalancer;
  readonly listener: elb.ApplicationListener;
  readonly testListener: elb.ApplicationListener;
  /** Of the applications' tasks: `securityGroups` of the zone. */
  readonly tasks: SecurityGroup;
  /** App.config and secrets of Linux tasks: `configurationMount` and `secrets.mount` of the zone. */
  readonly files: FileSystem;
  readonly certificates = [elb.ListenerCertificate.fromArn(environment.certificate)];

  constructor(scope: Construct, id: string, vpc: IVpc) {
    super(scope, id);
    this.cluster = new Cluster(this, 'Cluster', { clusterName: names.cluster, vpc });
    this.logGroup = new LogGroup(this, 'Logs', { logGroupName: names.logGroup, retention: RetentionDays.ONE_MONTH });
    this.tasks = new SecurityGroup(this, 'Tasks', { vpc, description: 'Applications' });
    this.loadBalancer = new elb.ApplicationLoadBalancer(this, 'LoadBalancer', {
      loadBalancerName: names.loadBalancer,
      vpc,
      internetFacing: true,
      deletionProtection: true,
      // One that may send everywhere: CDK's own reaches only security groups, and so not the Platform Server.
      securityGroup: new SecurityGroup(this, 'LoadBalancerGroup', { vpc, description: 'Load balancer' }),
      // Shorter than the keep-alive of the servers behind it, or users see a 502 now and then.
      idleTimeout: Duration.seconds(60),
      dropInvalidHeaderFields: true,
    });
    this.listener = this.liveListener(vpc);
    this.testListener = this.loadBalancer.addListener('Test', {
      port: 8443,
      certificates: this.certificates,
      sslPolicy: elb.SslPolicy.RECOMMENDED_TLS,
      open: false,
      defaultAction: elb.ListenerAction.fixedResponse(404),
    });
    onlyFromUs(this.testListener);
    this.tasks.connections.allowFrom(this.loadBalancer, Port.allTcp(), 'Requests and health checks');
    this.files = new FileSystem(this, 'Files', { vpc, encrypted: true, removalPolicy: RemovalPolicy.RETAIN });
    this.files.connections.allowDefaultPortFrom(this.tasks);
  }

  /** Its default rule forwards to the Platform Server, and cutover never changes that; port 80 redirects to it. */
  private liveListener(vpc: IVpc): elb.ApplicationListener {
    const platformServer = new elb.ApplicationTargetGroup(this, 'PlatformServer', {
      vpc,
      protocol: elb.ApplicationProtocol.HTTP,
      targets: [new IpTarget(environment.platformServer)],
      healthCheck: { path: '/ServiceCenter/_ping.aspx' },
    });
    this.loadBalancer.addRedirect();
    return this.loadBalancer.addListener('Live', {
      port: 443,
      certificates: this.certificates,
      sslPolicy: elb.SslPolicy.RECOMMENDED_TLS,
      defaultTargetGroups: [platformServer],
    });
  }
}

/** Lets nobody in but workers and the Platform Server. */
export function onlyFromUs({ connections }: elb.ApplicationListener): void {
  for (const range of environment.comeFrom) connections.allowDefaultPortFrom(Peer.ipv4(range));
}
