/** The commented `cutover.yaml` that `cutover init` writes. */

/** The same for images of another platform. */
export const templateFor = (platform: Platform): string =>
  template.replace('platform: windows', `platform: ${platform}`);

export const platforms = ['windows', 'linux'] as const;
export type Platform = (typeof platforms)[number];

/** Valid as it stands, so that what is wrong after editing is what was edited. */
export const template = `# Where cutover deploys, and what. Durations are written like 90s, 15m or 24h.

# Default: TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, else localhost:7233 and "default".
# temporal:
#   address: temporal.example.com:7233
#   namespace: deployments
#   # Of Temporal Cloud, read again when it changes (docs/operations/temporal-cloud.md). Default: TEMPORAL_API_KEY, or none.
#   apiKeyFile: /run/secrets/temporal-api-key
#   # A deployment stays with the workers that began it until "cutover upgrade" moves it (docs/operations/run.md).
#   workerVersioning: true
#   # Encrypts what Temporal stores (docs/operations/encryption.md). The first key writes, all of them read;
#   # one that AWS KMS protects is { id, kms, encrypted }, as "cutover codec key" prints it.
#   codec: { keys: [{ id: '2026', file: /run/secrets/cutover-2026.key }] }

# How much of AWS's published rates all workers together use, and how often they look at what they wait for.
# awsRates: { factor: 0.5, pollInterval: 4s }

# What commands mean when they name no zone; with one zone there is no need for it.
defaultZone: production

# Where everything that is done is written down for good (docs/operations/audit.md). Default: only in Temporal.
# audit: { kind: s3, bucket: your-audit-bucket, region: eu-west-1 }

# Who is told what happens, and what is wanted of people (docs/operations/news.md). Default: nobody.
# notifications:
#   channels: [{ name: ops, kind: slack, url: { file: /run/secrets/slack-url }, events: [waits, holds, rolledBack] }]

# The page for people with a browser (docs/operations/dashboard.md). Whoever reaches it reads; people command.
# dashboard:
#   url: https://cutover.example.com
#   people: [{ name: Ana, token: { file: /run/secrets/dashboard-ana } }]

zones:
  production:
    # What users type.
    address: https://apps.example.com
    # A host condition in every rule; leave it out where the listener serves one host only.
    # hosts: [apps.example.com]
    region: eu-west-1
    # A role to take on for this zone, e.g. in another account; else the worker's own.
    # role: { arn: arn:aws:iam::123456789012:role/cutover, externalId: chosen-by-you }
    cluster: outsystems
    # The listener whose default rule forwards to the Platform Server.
    listener: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/main/0123456789abcdef/0123456789abcdef

    # How green is reached before it has live traffic: a secret header on the same listener. Its value is written here, or named by
    # where the worker finds it, { file: /run/secrets/test-route } or { env: TEST_ROUTE }, and is in no plan, history or log then …
    testRoute:
      header: X-Cutover-Test
      value: change-this-secret
    # … or a listener of its own.
    # testListener: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/main/0123456789abcdef/fedcba9876543210

    # Reached through several load balancers: address, hosts, listener and testListener or testRoute of each in a list, instead of
    # those above, and what rules ask for there alone, beside the zone's own conditions. The first one stays the first.
    # listeners:
    #   - { listener: arn:…, testListener: arn:…, address: https://apps.internal.example.com }
    #   - { listener: arn:…, testListener: arn:…, address: https://apps.example.com, hosts: [apps.example.com],
    #       conditions: [{ header: X-Origin-Verify, values: [{ file: /run/secrets/origin-verify }] }] }

    # How the worker asks the load balancer over HTTP; all of it may be left out (docs/operations/probes.md).
    probe:
      # The DNS server that knows the load balancer's name, where the worker's own doesn't: an internal one, from outside the VPC.
      # resolver: 10.0.0.2
      # Which of the addresses are asked: any, ipv4 or ipv6.
      family: any
      # Between two rounds of requests while replicas are watched; what a step waits for is asked more often.
      every: 5s
      # How long modules may answer 5xx, or nothing, while they warm up; default startTimeout.
      # patience: 15m
      # For a listener that verifies clients, and for a private authority: PEM files, as the worker sees them.
      # certificateFile: /run/secrets/probe.crt
      # keyFile: /run/secrets/probe.key
      # caFile: /run/secrets/ca.crt

    # What every live rule asks for beside host and path, such as the header that a CDN adds: probes send it. A secret is named by
    # where the worker finds it, and is in no plan, history or log.
    # conditions: [{ header: X-Origin-Verify, values: [{ file: /run/secrets/origin-verify }] }]
    # Where the listener's default rule doesn't forward: the Platform Server's target group.
    # platformServer: { targetGroup: arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/platform-server/0123456789abcdef }

    # Where images named without a registry are.
    registry: 123456789012.dkr.ecr.eu-west-1.amazonaws.com

    # The listener priorities that cutover may use: nobody else's, two for each application at least.
    priorities: { from: 1000, to: 1999 }
    # regex packs some twenty modules into a rule, some seven with classes (below); wildcard takes a rule a module.
    pathMatching: regex
    # IIS takes paths in any case, a load balancer doesn't. classes writes each letter of a name as a class such as [Oo]: the
    # default for Windows tasks. A name of more than 28 letters is caught as written and in lower case only. true asks the load
    # balancer for (?i) instead, which no real one has been seen to take: try yours with cutover doctor --try-inline-flags.
    # caseInsensitive: classes

    # On everything that is made here, and from the next deployment on what exists already.
    # tags: { CostCentre: '1234' }

    network:
      subnets: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]
      securityGroups: [sg-0123456789abcdef0]
      assignPublicIp: false

    # What images are made for: windows or linux. Windows means Server 2022 where taskDefinition.runtimePlatform names no other,
    # 10 min of grace, 30 min to start, and paths in any case.
    platform: windows
    # What RegisterTaskDefinition takes, in AWS's spelling; cutover sets family and image.
    taskDefinition:
      networkMode: awsvpc
      cpu: '1024'
      memory: '2048'
      executionRoleArn: arn:aws:iam::123456789012:role/ecsTaskExecutionRole
    container:
      name: application
      port: 80
      # Where the container's output goes: "cutover logs" and failures show its end.
      logGroup: /ecs/outsystems
    service:
      # Windows tasks on Fargate can mount no folder. For an App.config or secrets they need EC2, with instances of the same
      # Windows, and the memory is the container's: containerDefinitions: [{ name: application, memory: 4096 }].
      launchType: FARGATE
      # Instead of it; an empty list is the cluster's default.
      # capacityProviderStrategy: [{ capacityProvider: FARGATE_SPOT, weight: 1 }]
      # healthCheckGracePeriod: 10m
      # As ECS names them: platformVersion (Fargate), placementConstraints and placementStrategy (instances),
      # minimumHealthyPercent, maximumPercent, enableExecuteCommand, availabilityZoneRebalancing, propagateTags,
      # enableECSManagedTags, serviceRegistries (Cloud Map), volumeConfigurations (docs/operations/permissions.md).

    targetGroup:
      vpc: vpc-0123456789abcdef0
      healthCheck: { interval: 10s, timeout: 5s }
      # How long a request may still take once its replica goes. Default: as long as blue's, else two minutes.
      # deregistrationDelay: 30s

    # Replicas of an application that comes from the Platform Server.
    desiredCount: 2

    # Only workers that were started with \`--zones\` for this zone do its work: a network or an account of its own.
    # ownWorkers: true

    # Where the OutSystems platform drives it (docs/outsystems.md): the folders it shares, and who makes images.
    # folders:
    #   target: { platform: 'D:\\OutSystems\\Target', mounted: /mnt/outsystems/target }
    #   result: { platform: 'D:\\OutSystems\\Result', mounted: /mnt/outsystems/result }
    #   config: { platform: 'D:\\OutSystems\\Config', mounted: /mnt/outsystems/config }
    # platformTimeout: 30m
    # builder: { kind: docker, repository: 'outsystems/{application}' }
    # What its calls must have in their URLs, instead of the secret of all zones: files, one secret a line, two while it is changed.
    # hookSecrets: { file: /run/secrets/production, methods: { ContainerRemove: /run/secrets/production-remove } }
    # A builder gets none of the worker's credentials, unless these are named in it:
    # builder: { kind: command, repository: 'outsystems/{application}', command: [/opt/build], inherit: [AWS_*] }

    # What holds for every deployment here unless the application or the deployment says otherwise.
    deployment:
      # beforeStart, afterVerify or none.
      approval: afterVerify
      # How long blue stays at full capacity after the cut.
      bake: 10m
      # How long its replicas stay after that, so that an undo is one cut.
      # keepWarm: 1h
      # hold waits for people, rollback doesn't.
      onFailure: hold
      # Where the Platform Server says for removeAfter that it has none of the modules, a removal asks a person before the
      # containers go; automatic asks nobody.
      # removeAfter: 10m
      # removal: automatic

    # What must stay well from the first share of traffic to the end of the bake, by name (docs/operations/gates.md).
    # gates:
    #   errors: { kind: loadBalancer, mostErrors: 5 }
    #   checkout: { kind: alarms, names: [checkout-failed] }
    #   queue: { kind: prometheus, address: 'http://prometheus:9090', query: 'sum(orders_waiting)', most: 100 }

    # Who approves, and when a cut may begin (docs/operations/approvals.md). Default: whoever may write to Temporal, always.
    # approvals:
    #   minimum: 2
    #   approvers:
    #     - { name: Ana, keys: ['ssh-ed25519 AAAA… ana@laptop'] }
    #     - { name: Rui, oidc: { issuer: 'https://login.example.com', audience: cutover, claims: { sub: '4711' } } }
    #   notTheStarter: true
    #   windows: [{ days: [mon, tue, wed, thu], from: '08:00', to: '17:00', timeZone: Europe/Lisbon }]
    #   freeze: [{ from: 2026-12-20, to: 2027-01-06, reason: Christmas }]

applications:
  Orders:
    # The platform's GUID of the application.
    key: 00000000-0000-4000-8000-000000000000
    # Needed only for images without the label io.cutover.modules; "cutover doctor" looks for clashes of these.
    modules: [Orders, OrdersAPI]
    # Its own, over the zone's: names with values are merged, containers, environment and volumes by name, other lists are
    # taken whole, and null takes away. "cutover settings Orders" shows what holds.
    # taskDefinition: { cpu: '2048', memory: '8192' }
    # container: { environment: { LOG_LEVEL: debug } }
    # targetGroup: { healthCheck: { path: /Orders/health } }
    # desiredCount: 4
    # startTimeout: 1h
    # deployment: { bake: 1h }
`;
