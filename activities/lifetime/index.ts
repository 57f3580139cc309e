/**
 * The activities of a staging. They ask LifeTime and Temporal, and touch nothing on AWS. Facts are from the API's reference and
 * from the vendor's own pipeline (github.com/OutSystems/outsystems-pipeline). What neither says:
 * - whether creating twice is noticed: it isn't taken for granted, so a new deployment is looked for by its notes
 * - how soon a new deployment is in the list: one that is missed stays as a saved plan that nobody starts
 * - whether `continue` and `abort` may be sent twice: each is sent only while the state asks for it
 */
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { JoinedOperation, StageRequest, StagingLook, StagingPlan } from '../../contract/staging';
import { chooseVersions, findEnvironment, findMarked, isDone } from '../../planning/staging/choose';
import type { LifeTimeSettings } from '../../settings/lifetime/schema';
import type { Settings } from '../../settings/schema';
import { poll } from '../polling';
import * as answers from './answers';
import { askLifeTime } from './api';

/** The platform's calls, as Temporal knows them. */
export interface StagedCalls {
  /** Those for these applications that began since then, oldest first. What is shown of them decides nothing: a list may be late. */
  readonly list: (asked: {
    readonly applicationKeys: readonly string[];
    readonly since: string;
    readonly zone: string | null;
  }) => Promise<readonly JoinedOperation[]>;
}

export interface LifeTimeDependencies {
  readonly settings: () => Settings;
  readonly stagedCalls: StagedCalls;
}

export interface CommandRequest {
  readonly deployment: string;
  readonly command: 'start' | 'continue' | 'abort';
  readonly redeployOutdated?: boolean;
  /** How long LifeTime's log was when a person gave the command: what came since may be another question. */
  readonly messages?: number;
  /** Whether it was sent before, and nobody knows what became of it. */
  readonly again: boolean;
}

export interface WatchRequest {
  readonly deployment: string;
  readonly applicationKeys: readonly string[];
  readonly since: string;
  /** Of the calls; not called a zone, for this is no zone's work. */
  readonly callsIn: string | null;
  /** What was seen last: it returns with what differs. */
  readonly seen: StagingLook | null;
}

export type LifeTimeActivities = ReturnType<typeof lifeTimeActivities>;

const nothing = z.unknown();
/** How soon a new message of LifeTime's is told: each telling is a few events of a history. */
const tellMessageMs = 15_000;

const refused = (message: string) => ApplicationFailure.nonRetryable(message, 'StagingRefused');

export function lifeTimeActivities({ settings, stagedCalls }: LifeTimeDependencies) {
  const ask = <T extends z.ZodType>(call: Parameters<typeof askLifeTime<T>>[1]) => askLifeTime(known(settings()), call);
  const statusOf = (deployment: string) =>
    ask({ method: 'GET', path: ['deployments', deployment, 'status'], answer: answers.deploymentStatus });
  const applicationsIn = (environment: string) =>
    ask({
      method: 'GET',
      path: ['environments', environment, 'applications'],
      query: { IncludeEnvStatus: 'true' },
      answer: answers.applicationsIn(environment),
    });

  return {
    /** Which versions go where. Effect: none. @throws {ApplicationFailure} of type `StagingRefused` with one sentence */
    async planStaging({ applications, from, to }: StageRequest): Promise<StagingPlan> {
      const { environments, patience, followFor } = known(settings());
      const listed = await ask({ method: 'GET', path: ['environments'], answer: answers.environments });
      const [source, target] = [findEnvironment(from, listed), findEnvironment(to, listed)];
      if (typeof source === 'string') throw refused(source);
      if (typeof target === 'string') throw refused(target);
      const [there, before] = await Promise.all([applicationsIn(source.key), applicationsIn(target.key)]);
      const [, own] = Object.entries(environments).find(([name]) => name.toLowerCase() === to.toLowerCase()) ?? [];
      const choice = chooseVersions(applications, there, before, own?.deploymentZone);
      if (typeof choice === 'string') throw refused(choice);
      const zone = own?.zone ?? null;
      const limits = { patienceMs: patience, followMs: followFor };
      return { sourceKey: source.key, targetKey: target.key, ...choice, zone, ...limits };
    },

    /**
     * Effect: one deployment, saved and not started, whose notes bear the marker; where there is one, that.
     * @param since ISO 8601, when the staging began; LifeTime's list takes dates, by a clock and a time zone of its own
     * @returns its key
     */
    async createDeployment(plan: StagingPlan, notes: string, marker: string, since: string): Promise<string> {
      const dayBefore = new Date(Date.parse(since) - 86_400_000).toISOString().slice(0, 10);
      const made = await ask({
        method: 'GET',
        path: ['deployments'],
        query: { MinDate: dayBefore, TargetEnvironmentKey: plan.targetKey },
        answer: answers.deployments,
      });
      const body = {
        SourceEnvironmentKey: plan.sourceKey,
        TargetEnvironmentKey: plan.targetKey,
        Notes: `${notes} ${marker}`,
        ApplicationOperations: plan.operations.map(({ versionKey, deploymentZoneKey }) => ({
          ApplicationVersionKey: versionKey,
          DeploymentZoneKey: deploymentZoneKey,
        })),
      };
      return (
        findMarked(marker, made) ??
        (await ask({ method: 'POST', path: ['deployments'], body, answer: answers.newDeployment, as: 'text' }))
      );
    },

    /** What LifeTime says that it would do, and what stands in its way. Effect: none. */
    examineDeployment: (deployment: string) =>
      ask({ method: 'GET', path: ['deployments', deployment], answer: answers.details }),

    /** Effect: a deployment that was never started is gone. Where it was, it stays. */
    async discardDeployment(deployment: string): Promise<void> {
      if ((await statusOf(deployment).catch(noneThere))?.state !== 'saved') return;
      await ask({ method: 'DELETE', path: ['deployments', deployment], answer: nothing, as: 'nothing' }).catch(
        noneThere,
      );
    },

    /**
     * Effect: the deployment is started, goes on, or is being aborted; nothing where it is already, as the state says.
     * @throws {ApplicationFailure} of type `LifeTimeRefused` where LifeTime won't
     */
    async commandDeployment({ deployment, command, redeployOutdated, messages, again }: CommandRequest): Promise<void> {
      const now = await statusOf(deployment);
      const moved = messages !== undefined && now.messages > messages;
      if (isDone(command, now.state, { again, moved })) return;
      const query = command === 'start' ? { RedeployOutdated: redeployOutdated === true ? 'true' : 'false' } : {};
      try {
        await ask({
          method: 'POST',
          path: ['deployments', deployment, command],
          query,
          answer: nothing,
          as: 'nothing',
        });
      } catch (error) {
        // It may have begun by itself, or by somebody else, between the two.
        if (!isRefusal(error) || !isDone(command, (await statusOf(deployment)).state, { again, moved })) throw error;
      }
    },

    /** Returns as soon as something differs from what was seen, or a LifeTime that answered doesn't any more. Effect: none. */
    async watchStaging({ deployment, applicationKeys, since, callsIn, seen }: WatchRequest): Promise<StagingLook> {
      const began = performance.now();
      const { every } = known(settings());
      let last = seen;
      return await poll(
        async (report) => {
          const [lifeTime, operations] = await Promise.all([
            statusOf(deployment).catch((error: unknown) => whileAway(error, last)),
            stagedCalls.list({ applicationKeys, since, zone: callsIn }).catch(() => last?.operations ?? []),
          ]);
          const look: StagingLook = { away: null, ...lifeTime, operations };
          last = look;
          report(look.away ?? look.lastMessage ?? '');
          const tells =
            differs(look, seen) || (look.messages !== seen?.messages && performance.now() - began > tellMessageMs);
          return tells ? look : undefined;
        },
        { everyMs: every },
      );
    },
  };
}

function known({ lifetime }: Settings): LifeTimeSettings {
  if (lifetime) return lifetime;
  throw refused('The settings name no LifeTime: set lifetime.address and lifetime.token.');
}

const isRefusal = (error: unknown) => error instanceof ApplicationFailure && error.type === 'LifeTimeRefused';

function noneThere(error: unknown): undefined {
  if (error instanceof ApplicationFailure && isRefusal(error) && error.details?.[0] === 404) return undefined;
  throw error;
}

/** What was known stays; that it is away is news. A refusal, such as 404 for what was deleted, is told as it is. */
function whileAway(error: unknown, seen: StagingLook | null): Omit<StagingLook, 'operations'> {
  if (!(error instanceof ApplicationFailure) || error.type !== 'LifeTimeAway') throw error;
  const { state = null, info = '', messages = 0, lastMessage = null } = seen ?? {};
  return { state, info, messages, lastMessage, away: error.message };
}

/** But for the messages, of which there are many. */
function differs(look: StagingLook, seen: StagingLook | null): boolean {
  const decisive = ({ state, info, away, operations }: StagingLook) => JSON.stringify([state, info, away, operations]);
  return seen === null || decisive(look) !== decisive(seen);
}
