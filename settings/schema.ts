/**
 * `cutover.yaml`: what it may hold. Zones (where applications run, and how) and applications (which are known, and what
 * differs for them). Strict: a name it doesn't know is an error, so a typing mistake never silently means a default.
 */
import { z } from 'zod';
import { approvals, isTrusted } from './approvals/policy';
import { audit } from './audit/schema';
import { notifications } from './notifications/schema';
import { conditions } from './conditions';
import { dashboard } from './dashboard/schema';
import { durationBetween } from './durations';
import { ownMembers } from './applications/merge';
import { platformFields } from './platform';
import { codec } from './codec';
import { gates } from './gates/schema';
import { hooks } from './hooks';
import { guid, iamRole, urlSegment } from './identifiers';
import { lifetime } from './lifetime/schema';
import { listenerFaults, listeners, roomFaults, shortForm, withListeners } from './listeners';
import { runbookOptions } from './runbook';
import { tags } from './tags';
import { targetGroup } from './target-group';
import { taskFaults, withContainerPaths } from './tasks/fit';
import { configuration, secrets } from './tasks/mounts';
import { network, service } from './tasks/service';
import { container, isWindows, platform, taskDefinition } from './tasks/task-definition';

export const moduleName = urlSegment('expected a module name of letters, digits, "_", ".", "~" or "-"');
const applicationName = z.string().regex(/^[^/\s][^/]{0,98}[^/\s]$|^[^/\s]$/, { error: 'expected a name without "/"' });
const zoneName = z.string().regex(/^[A-Za-z0-9_.-]{1,50}$/, { error: 'expected letters, digits, "_", "." or "-"' });

/** How the worker asks the load balancer over HTTP. */
const probe = z
  .strictObject({
    /**
     * The DNS server that knows the load balancer's name, e.g. `10.0.0.2` or `10.0.0.2:53`, where the worker's own can't resolve
     * an internal one. Default: the system's.
     */
    resolver: z
      .string()
      .regex(/^(\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?|[\da-f]*:[\da-f:]+|\[[\da-f:]+\](:\d{1,5})?)$/i, {
        error: 'expected the address of a DNS server such as 10.0.0.2 or 10.0.0.2:53',
      })
      .optional(),
    /** Which of its addresses are asked. */
    family: z.enum(['any', 'ipv4', 'ipv6']).default('any'),
    /** Between two rounds of requests while something is watched; what somebody waits for is asked twice as often, or more. */
    every: durationBetween('100ms', '1m').default(5_000),
    /** How long modules may answer 5xx, or nothing, while they warm up. Default: `startTimeout`. */
    patience: durationBetween('1s', '24h').optional(),
    /** The client certificate, where a listener verifies clients (mutual TLS); a PEM file, as the worker sees it. */
    certificateFile: z.string().min(1).optional(),
    keyFile: z.string().min(1).optional(),
    /** Certificates of a private authority, trusted beside the public ones; a PEM file, as the worker sees it. */
    caFile: z.string().min(1).optional(),
  })
  .refine(({ certificateFile, keyFile }) => (certificateFile === undefined) === (keyFile === undefined), {
    error: 'expected certificateFile and keyFile together',
    path: ['certificateFile'],
  });

/** A zone; with an application's own settings merged into it, that application's. */
export const zoneSchema = z
  .strictObject({
    ...shortForm,
    /** Instead of those six: each of them for every load balancer, where applications are reached through several. */
    listeners,
    region: z.string().min(1),
    /** Assumed for every call in this zone, which may be in another account. Default: the worker's own credentials. */
    role: iamRole().optional(),
    cluster: z.string().min(1),
    /** What every live rule asks for beside host and path, and every probe has. */
    conditions,
    /** The ECR registry of images named without one, e.g. `123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
    registry: z.string().optional(),
    /** The listener priorities that cutover may use. */
    priorities: z
      .strictObject({ from: z.int().min(1).max(50_000), to: z.int().min(1).max(50_000) })
      .refine(({ from, to }) => from < to, { error: 'expected "from" below "to"' })
      .default({ from: 1_000, to: 1_999 }),
    probe: probe.prefault({}),
    pathMatching: z.enum(['regex', 'wildcard']).default('regex'),
    /**
     * Paths in any case, as IIS takes them: `classes` writes each letter as a class such as `[Oo]`; `true` asks the ALB for `(?i)`
     * instead, which nobody has seen a real one take. Default `classes` for Windows tasks, else `false`. Wildcards have neither.
     */
    caseInsensitive: z.union([z.boolean(), z.literal('classes')]).optional(),
    /** On everything that is made here, and after a deployment on what exists; a task definition's own `tags` beside them. */
    tags,
    network: network.optional(),
    platform,
    taskDefinition: taskDefinition.prefault({}),
    container: container.prefault({}),
    service: service.prefault({}),
    targetGroup: targetGroup.prefault({}),
    /** Replicas of an application that comes from the Platform Server. */
    desiredCount: z.int().min(1).max(1000).default(2),
    /** For how long more than deregistration delay and stop time-out a drain may take until what is left is left over. */
    drainTimeout: durationBetween('1s', '48h').default(5 * 60_000),
    /**
     * How long green may take until every replica is healthy and every module answers. Default: 15 min, 30 min for Windows, whose
     * images have several gigabytes.
     */
    startTimeout: durationBetween('1s', '24h').optional(),
    /** Applications read an App.config from a mounted folder; without it none is mounted. */
    configuration: configuration.optional(),
    /** The folder with the environment's key, mounted read-only. Its content is never copied, read or logged. */
    secrets: secrets.optional(),
    deployment: runbookOptions().default({}),
    /** Whether only workers that were started for this zone, with `--zones`, do its work: in a network or account of its own. */
    ownWorkers: z.boolean().default(false),
    /** Who approves deployments, and when a cut may begin. Default: whoever reaches Temporal, at any time. */
    approvals: approvals.optional(),
    /** What must stay well from the first share of traffic to the end of the bake, by name. */
    gates,
    ...platformFields,
  })
  .refine(({ configuration: given, folders }) => !given || given.folder !== undefined || folders !== undefined, {
    error: 'expected the folder of the configurations, here or as folders.config',
    path: ['configuration', 'folder'],
  })
  .refine(({ approvals: given, deployment }) => isTrusted(given) || deployment.approval !== 'none', {
    error: 'expected beforeStart or afterVerify: approvals.approvers would never be asked',
    path: ['deployment', 'approval'],
  })
  .superRefine((value, context) => {
    for (const { path, message } of [...listenerFaults(value), ...taskFaults(value)])
      context.addIssue({ code: 'custom', path: [...path], message });
  })
  .transform(withListeners)
  .transform(withContainerPaths)
  .transform(({ configuration: given, ...value }) => ({
    ...value,
    caseInsensitive:
      value.caseInsensitive ?? (value.pathMatching === 'regex' && isWindows(value) ? ('classes' as const) : false),
    startTimeout: value.startTimeout ?? (isWindows(value) ? 30 : 15) * 60_000,
    ...(given && { configuration: { ...given, folder: given.folder ?? value.folders?.config.mounted ?? '' } }),
  }))
  .refine(({ caseInsensitive, pathMatching }) => !caseInsensitive || pathMatching === 'regex', {
    error:
      'a load balancer’s wildcards always tell upper from lower case: use pathMatching regex, or leave caseInsensitive out',
    path: ['caseInsensitive'],
  })
  .superRefine((value, context) => {
    for (const { path, message } of roomFaults(value)) context.addIssue({ code: 'custom', path: [...path], message });
  });

/** Checked as a part of the zones that they are merged into: applications/merge.ts has the rule. */
const own = Object.fromEntries(ownMembers.map((name) => [name, z.unknown().optional()]));

const application = z
  .strictObject({
    key: guid(),
    /** Needed only for images without the label `io.cutover.modules`. */
    modules: z.array(moduleName).min(1).max(1000).optional(),
    /** Modules that are published under another path than their own name, e.g. `{ Orders: /shop }`. */
    paths: z
      .record(
        moduleName,
        z.string().regex(/^\/[A-Za-z0-9_.~-]{1,100}$/, { error: 'expected a path of one segment such as /shop' }),
      )
      .default({}),
    ...own,
  })
  .transform(({ key, modules, paths }) => ({ key, paths, ...(modules && { modules }) }));

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html */
const awsRates = z.strictObject({
  /** What is used of the rates that AWS publishes for an account. The rest is left to other callers, such as Terraform. */
  factor: z.number().min(0.05).max(10_000).default(0.5),
  /** Between two looks at what is waited for. Health checks come every 5 s at most. */
  pollInterval: durationBetween('100ms', '60s').default(4_000),
  /** How many workers share an account's rates. Default: as many as poll Temporal. */
  workers: z.int().min(1).max(1_000).optional(),
});

export const settingsSchema = z
  .strictObject({
    temporal: z
      .strictObject({
        address: z.string().optional(),
        namespace: z.string().optional(),
        /**
         * Whether a deployment stays with the version of the workers that began it until `cutover upgrade` moves it. Needs workers
         * of both versions beside each other for a while; without it a worker takes whatever is in flight.
         */
        workerVersioning: z.boolean().default(false),
        /** A file with the API key of the namespace, read again when it changes. Default: CUTOVER_API_KEY_FILE, else TEMPORAL_API_KEY, or none. */
        apiKeyFile: z.string().min(1).optional(),
        /** Encrypts what is written to Temporal; without it histories are plain. */
        codec: codec.optional(),
      })
      .prefault({}),
    awsRates: awsRates.prefault({}),
    /** Where everything that is done is written down for good. Default: only in Temporal, for as long as that keeps it. */
    audit: audit.optional(),
    /** Who is told what happens, and what is wanted of people. Default: nobody. */
    notifications,
    defaultZone: zoneName.optional(),
    /** `cutover hooks`: how the platform reaches it. */
    hooks: hooks.prefault({}),
    /** `cutover dashboard`: the page, and who gives commands there. */
    dashboard: dashboard.prefault({}),
    /** `cutover stage`: the LifeTime that it drives. */
    lifetime: lifetime.optional(),
    zones: z
      .record(zoneName, zoneSchema)
      .refine((zones) => Object.keys(zones).length > 0, { error: 'expected a zone' })
      .refine(
        (zones) => new Set(Object.keys(zones).map((name) => name.toLowerCase())).size === Object.keys(zones).length,
        {
          error:
            'expected names that differ in more than the case of letters: what is made for two zones would bear one name',
        },
      ),
    applications: z.record(applicationName, application).default({}),
  })
  .refine(({ defaultZone, zones }) => defaultZone === undefined || defaultZone in zones, {
    error: 'expected the name of one of the zones',
    path: ['defaultZone'],
  });

/** A zone as an application has it, or why it can't have it. */
export type OwnZone = { readonly zone: ZoneSettings } | { readonly fault: string };

/** By application and zone; an application that has nothing of its own isn't there. */
export type OwnZones = Readonly<Record<string, Readonly<Record<string, OwnZone>>>>;

/** As the schema reads them: without what applications have of their own. */
export type ParsedSettings = z.infer<typeof settingsSchema>;
export type Settings = ParsedSettings & { readonly own?: OwnZones };
export type ZoneSettings = z.infer<typeof zoneSchema>;
export type ApplicationSettings = z.infer<typeof application>;
