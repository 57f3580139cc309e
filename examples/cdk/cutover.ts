/** cutover itself on ECS: two workers, and the hook listener behind a listener of its own. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { SecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { FileSystem, type AccessPoint } from 'aws-cdk-lib/aws-efs';
import { ApplicationProtocol, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { environment } from './environment';
import type { Roles } from './roles';
import { onlyFromUs, type Zone } from './zone';

/** The user that the image runs as. */
const user = { uid: '1000', gid: '1000' };
const hooksPort = 8083;

interface Process {
  readonly role: IRole;
  readonly command: readonly string[];
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly copies: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, ecs.Secret>>;
  /** An expression of JavaScript, the port that answers /readyz. */
  readonly readyAt: string;
}

export class Cutover extends Construct {
  /** The folder with cutover.yaml, which is read again when it changes: the whole folder is mounted, so put it there once. */
  private readonly settings: AccessPoint;
  private readonly copies: AccessPoint;
  private readonly securityGroup: SecurityGroup;

  constructor(
    scope: Construct,
    id: string,
    vpc: IVpc,
    private readonly zone: Zone,
    private readonly roles: Roles,
  ) {
    super(scope, id);
    this.securityGroup = new SecurityGroup(this, 'Group', { vpc, description: 'Workers and hook listener' });
    const files = new FileSystem(this, 'Files', { vpc, encrypted: true, removalPolicy: RemovalPolicy.RETAIN });
    this.settings = folderOf(files, 'settings');
    this.copies = folderOf(zone.files, 'copies');
    for (const { connections } of [files, zone.files]) connections.allowDefaultPortFrom(this.securityGroup);
    this.worker();
    this.hooks();
  }

  private worker(): void {
    const { task } = this.service('Worker', {
      role: this.roles.worker,
      command: ['worker'],
      cpu: 1024,
      memoryMiB: 2048,
      copies: 2,
      environment: { NODE_OPTIONS: '--max-old-space-size=1600' },
      readyAt: `process.env.CUTOVER_HEALTH.split(':').pop()`,
    });
    mount(task, this.copies, 'copies', '/mnt/outsystems/copies');
  }

  /** On a port of its own: it is no concern of the zone's. */
  private hooks(): void {
    const secret = Secret.fromSecretCompleteArn(this, 'HookSecret', environment.hookSecret);
    const { service } = this.service('Hooks', {
      role: this.roles.hooks,
      command: ['hooks', '--host', '0.0.0.0', '--port', `${hooksPort}`],
      cpu: 256,
      memoryMiB: 512,
      copies: 1,
      secrets: { CUTOVER_HOOK_SECRET: ecs.Secret.fromSecretsManager(secret) },
      readyAt: `${hooksPort}`,
    });
    const listener = this.zone.loadBalancer.addListener('Hooks', {
      port: hooksPort,
      protocol: ApplicationProtocol.HTTPS,
      certificates: this.zone.certificates,
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      open: false,
    });
    onlyFromUs(listener);
    listener.addTargets('Hooks', {
      port: hooksPort,
      protocol: ApplicationProtocol.HTTP,
      targets: [service],
      healthCheck: { path: '/readyz' },
      deregistrationDelay: Duration.seconds(30),
    });
  }

  private service(id: string, process: Process) {
    const task = new ecs.FargateTaskDefinition(this, `${id}Task`, {
      cpu: process.cpu,
      memoryLimitMiB: process.memoryMiB,
      taskRole: process.role,
      executionRole: this.roles.cutoverExecution,
    });
    const { repository, tag } = environment.image;
    const container = task.addContainer('cutover', {
      image: ecs.ContainerImage.fromEcrRepository(Repository.fromRepositoryName(this, `${id}Image`, repository), tag),
      command: [...process.command],
      environment: {
        TEMPORAL_ADDRESS: environment.temporal.address,
        TEMPORAL_NAMESPACE: environment.temporal.namespace,
        ...process.environment,
      },
      ...(process.secrets && { secrets: process.secrets }),
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.zone.logGroup, streamPrefix: 'cutover' }),
      // A worker hands its waits over at once, and ends what it is writing: 20 s at most.
      stopTimeout: Duration.seconds(30),
      readonlyRootFilesystem: true,
      healthCheck: healthCheck(process.readyAt),
    });
    if (process.command[0] === 'hooks') container.addPortMappings({ containerPort: hooksPort });
    mount(task, this.settings, 'settings', '/etc/cutover', true);
    // Bundles are unpacked on the task's disk.
    task.addVolume({ name: 'bundles' });
    container.addMountPoints({ sourceVolume: 'bundles', containerPath: '/var/lib/cutover', readOnly: false });
    const service = new ecs.FargateService(this, id, {
      cluster: this.zone.cluster,
      taskDefinition: task,
      desiredCount: environment.started ? process.copies : 0,
      securityGroups: [this.securityGroup],
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
    });
    return { task, service };
  }
}

const folderOf = (files: FileSystem, name: string): AccessPoint =>
  files.addAccessPoint(name, {
    path: `/${name}`,
    createAcl: { ownerUid: user.uid, ownerGid: user.gid, permissions: '755' },
    posixUser: user,
  });

function mount(
  task: ecs.FargateTaskDefinition,
  from: AccessPoint,
  name: string,
  containerPath: string,
  readOnly = false,
) {
  task.addVolume({
    name,
    efsVolumeConfiguration: {
      fileSystemId: from.fileSystem.fileSystemId,
      transitEncryption: 'ENABLED',
      authorizationConfig: { accessPointId: from.accessPointId },
    },
  });
  task.defaultContainer?.addMountPoints({ sourceVolume: name, containerPath, readOnly });
}

/** As the Dockerfile has it, which ECS doesn't read. */
const healthCheck = (port: string): ecs.HealthCheck => ({
  command: [
    'CMD',
    'node',
    '-e',
    `fetch('http://127.0.0.1:'+${port}+'/readyz').then(r=>process.exit(+!r.ok),()=>process.exit(1))`,
  ],
  interval: Duration.seconds(10),
  timeout: Duration.seconds(3),
  retries: 3,
  startPeriod: Duration.seconds(30),
});
