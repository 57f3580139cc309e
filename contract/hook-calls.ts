/**
 * What crosses a process about the calls of the OutSystems platform: a call's request, the file of its answer, its status, and what
 * runbooks report to it.
 *
 * A call is one workflow, whose ID is made from its operation: the same call is one workflow however often it comes.
 */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import { z } from 'zod';
import { guid, urlSegment } from '../settings/identifiers';
import { parseRequest, type Parsed } from './parsing';
import { phases, type DeploymentOutcome, type Phase } from './status';

/** The platform's calls by their names in a URL, each with the ending of its result file. */
export const hookMethods = {
  ContainerBuild: { workflow: 'containerBuild', resultFile: '.preparedone', step: 'Container Build' },
  ContainerRun: { workflow: 'containerRun', resultFile: '.deploydone', step: 'Container Run' },
  UpdateConfigurations: { workflow: 'updateConfigurations', resultFile: '.configsdone', step: 'Update Configurations' },
  ContainerRemove: { workflow: 'containerRemove', resultFile: '.undeploydone', step: 'Container Remove' },
} as const;
export type HookMethod = keyof typeof hookMethods;

export const urlModule = () => urlSegment('expected module names of letters, digits, "_", ".", "~" or "-"');
/** The application's name as people know it: it only ever names things in Temporal and in tags. */
export const platformName = () =>
  z.string().regex(/^(?!\s)[^\p{C}\p{Zl}\p{Zp}]{1,100}(?<!\s)$/u, {
    error: 'expected a name of at most 100 characters, without control characters',
  });

/** The input of a hook call. It names no folders: the settings do. */
const hookCallRequest = z.strictObject({
  zone: z.string().min(1).max(50),
  applicationName: platformName(),
  applicationKey: guid(),
  operationId: guid(),
  /** Default: the `modules/` folders of the bundle. */
  modules: z.array(urlModule()).min(1).max(1000).optional(),
  /** When the platform called, ISO 8601: its clock runs from then. Default: the start of the workflow. */
  calledAt: z.iso.datetime().optional(),
});
export type HookCallRequest = z.infer<typeof hookCallRequest>;

/** One sentence about the first things that are wrong; never throws. */
export const parseHookCallRequest = (input: unknown): Parsed<HookCallRequest> =>
  parseRequest(
    hookCallRequest,
    input,
    'a call of the platform',
    '{"zone": "production", "applicationName": "Orders", "applicationKey": "<GUID>", "operationId": "<GUID>"}',
  );

type HookCallName = Pick<HookCallRequest, 'applicationKey' | 'operationId'>;

/** GUIDs compare without case. */
export const hookCallIdOf = (method: HookMethod, { applicationKey, operationId }: HookCallName): string =>
  `hook/${method}/${applicationKey.toLowerCase()}_${operationId.toLowerCase()}`;

/** What {@link hookCallIdOf} made; `undefined` for any other workflow ID. */
export function parseHookCallId(workflowId: string): (HookCallName & { readonly method: HookMethod }) | undefined {
  const [, method = '', applicationKey = '', operationId = ''] =
    /^hook\/([A-Za-z]+)\/([0-9a-f-]{36})_([0-9a-f-]{36})$/.exec(workflowId) ?? [];
  return method in hookMethods ? { method: method as HookMethod, applicationKey, operationId } : undefined;
}

/** What Service Center shows of a failure's message, with room. */
export const longestError = 1_900;

/** In the platform's own spelling: it looks for exactly this name. */
export const resultFileOf = (method: HookMethod, { applicationKey, operationId }: HookCallName): string =>
  `${applicationKey}_${operationId}${hookMethods[method].resultFile}`;

/** Whether {@link resultFileOf} can have made this name. */
export const isResultFile = (file: unknown): boolean =>
  typeof file === 'string' &&
  /^[0-9a-f-]{36}_[0-9a-f-]{36}$/i.test(file.replace(/\.[a-z]+$/, '')) &&
  Object.values(hookMethods).some(({ resultFile }) => file.endsWith(resultFile));

/** What a runbook reports at every phase to the hook call that started it. */
export interface RunbookReport {
  /** Counts up: two that are sent at once may arrive in either order. */
  readonly order: number;
  readonly phase: Phase;
  /** Whether what it brings is proven to serve all live traffic. */
  readonly proven: boolean;
  /** Whether it no longer rolls back by itself, because it is proven. */
  readonly commits: boolean;
  readonly rollingBack: boolean;
  readonly failure: string | null;
}
export const reportSignal = defineSignal<[unknown?]>('report');

/** A later version may say more. */
const report = z.object({
  order: z.number(),
  phase: z.enum(phases),
  proven: z.boolean(),
  commits: z.boolean(),
  rollingBack: z.boolean(),
  failure: z.string().nullable(),
}) satisfies z.ZodType<RunbookReport>;

export const parseReport = (input: unknown): Parsed<RunbookReport> =>
  parseRequest(report, input, 'a report of a runbook', '{"order": 1, "phase": "start", …}');

/**
 * Asks for the application on behalf of a newer call: a runbook that a hook call started, and that hasn't cut yet, rolls back. Its
 * input names that call in words: `{ by }`.
 */
export const supersedeSignal = defineSignal<[unknown?]>('supersede');

/** How a hook call is getting on, as its status query answers. */
export interface HookCallStatus {
  readonly method: HookMethod;
  readonly applicationName: string;
  readonly operationId: string;
  /** What it does now, a sentence. */
  readonly doing: string;
  /** Until when the platform reads an answer, ISO 8601; `null` before the settings were read. */
  readonly platformWaitsUntil: string | null;
  /** The workflow ID of the runbook that it started. */
  readonly runbook: string | null;
  readonly answered: 'success' | 'error' | null;
  readonly error: string | null;
}
export const hookCallStatusQuery = defineQuery<HookCallStatus, [unknown?]>('status');

/** The image that Container Build made. */
export interface BuiltRelease {
  /** Pinned: `repository:<OperationId>@sha256:…`, with the registry where it isn't the zone's. */
  readonly image: string;
  readonly modules: readonly string[];
  readonly taskDefinitionArn: string;
}

/** The result of a hook call. */
export interface HookCallOutcome {
  readonly answered: 'success' | 'error' | 'nobodyReads';
  readonly error: string | null;
  readonly note: string | null;
  /** Made by Container Build only. */
  readonly built: BuiltRelease | null;
  /** How the runbook ended; `null` when there was none, or it goes on. */
  readonly deployment: DeploymentOutcome | null;
}
