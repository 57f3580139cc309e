/**
 * How the platform calls its external deployment tool: by a GET to the operator's URL with parameters added. The answer only
 * confirms that the task has started.
 */
import type { InstalledApplication } from './applications';

/** The platform's name for each step, and the extension of the result file that answers it. */
export const hookSteps = {
  ContainerBuild: { step: 'Preparing Deploy', resultFile: '.preparedone' },
  ContainerRun: { step: 'Deploying', resultFile: '.deploydone' },
  UpdateConfigurations: { step: 'Update Configs', resultFile: '.configsdone' },
  ContainerRemove: { step: 'Undeploy', resultFile: '.undeploydone' },
} as const;
export type HookMethod = keyof typeof hookSteps;

/** One call of a hook: the step, and the application that it is for. */
export interface HookCall extends Pick<InstalledApplication, 'application' | 'key' | 'modules'> {
  readonly method: HookMethod;
  readonly operationId: string;
}

/** Paths as the platform sends them. On one machine they are also the paths by which other processes find the folders. */
export interface PlatformFolders {
  readonly target: string;
  readonly result: string;
  readonly config: string;
}

/** What an operator wrote into the zone's URL fields, and what the platform sends about the zone. */
export interface HookTarget {
  /** `http://host:port`. */
  readonly hooks: string;
  readonly hookSecret: string;
  readonly zoneAddress: string;
  readonly folders: PlatformFolders;
}

/** How long the platform waits for a hook to confirm that the task has started. */
const startTimeoutMs = 30_000;

/** The platform encodes each of its parameters as Base64 of UTF-8; the operator's own parameter comes as it was written. */
function hookUrl({ hooks, hookSecret, zoneAddress, folders }: HookTarget, call: HookCall): string {
  const parameters = {
    Address: addressOf(zoneAddress),
    ApplicationName: call.application,
    ApplicationKey: call.key,
    OperationId: call.operationId,
    TargetPath: folders.target,
    ResultPath: folders.result,
    ConfigPath: folders.config,
    ModuleNames: JSON.stringify(call.modules),
  };
  const url = new URL(`${hooks}/AmazonECS/${call.method}`);
  url.searchParams.set('secret', hookSecret);
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.set(name, Buffer.from(value, 'utf8').toString('base64'));
  }
  return url.href;
}

/**
 * Returns when the hook confirms that the task has started.
 * @throws {Error} of one sentence when it doesn't
 */
export async function callHook(target: HookTarget, call: HookCall, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(startTimeoutMs);
  const response = await fetch(hookUrl(target, call), { signal: AbortSignal.any([signal, timeout]) }).catch(
    (error: Error) => {
      signal.throwIfAborted();
      throw new Error(`The hook ${call.method} at ${target.hooks} can't be reached: ${reasonOf(error)}.`);
    },
  );
  const body = (await response.text().catch(() => '')).trim().slice(0, 300);
  if (response.ok) return;
  throw new Error(`The hook ${call.method} answered HTTP ${response.status}${body === '' ? '' : `: ${body}`}`);
}

/** The platform knows a zone by its address without a scheme. */
function addressOf(zoneAddress: string): string {
  return new URL(zoneAddress).host;
}

function reasonOf(error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
