/** Logs as lines of JSON on standard error. Every line about a deployment names its run, its zone and its application. */
import type { Logger, LogLevel, LogMetadata } from '@temporalio/worker';
import { pino, type DestinationStream } from 'pino';
import { logDestination } from '../terminal/log';
import { parseDeploymentId } from '../contract/ids';

/** Field names that mean the same in every line. */
export interface DeploymentFields {
  readonly zone?: string;
  readonly application?: string;
  /** The run. */
  readonly deployment?: string;
}

/**
 * Read from the workflow ID: `<zone>/<application>` of a deployment, `describe/<kind>/<zone>/<application>/…` of a question. That of
 * a hook call, `hook/…`, has neither; its own log lines name them.
 */
export function deploymentFields(facts: Readonly<Record<string, unknown>>): DeploymentFields {
  // Lines of workflows and of activities name the run differently.
  const { workflowId, runId = facts['workflowRunId'] } = facts;
  if (typeof workflowId !== 'string' || !workflowId.includes('/') || workflowId.startsWith('hook/')) return {};
  const asked = /^describe\/[^/]+\/([^/]+)(?:\/(.+))?\/[^/]+$/.exec(workflowId);
  if (asked) return { zone: asked[1] ?? '', ...(asked[2] !== undefined && { application: asked[2] }) };
  return { ...parseDeploymentId(workflowId), ...(typeof runId === 'string' && { deployment: runId }) };
}

/** The logger that the SDK uses, on top of pino. @param level e.g. `info` */
export function workerLog(level: string, destination: DestinationStream = logDestination(2)): Logger {
  const lines = pino({ base: { process: 'worker' }, level, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const log = (at: LogLevel, message: string, meta: LogMetadata = {}): void => {
    // A task token is of no use to a reader.
    const { error, taskToken: _, ...facts } = meta;
    const known = facts as Readonly<Record<string, unknown>>;
    lines[levels[at]]({ ...deploymentFields(known), ...known, ...(error !== undefined && { err: error }) }, message);
  };
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
