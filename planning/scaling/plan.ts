/**
 * How Service Auto Scaling moves with the traffic: green gets a scalable target like blue's, suspended until green is proven to
 * serve, and blue's goes once the bake is over.
 *
 * From green's target on until blue's is gone, or green's again, both services have one. So where only what serves has one, it is
 * as its owner wants it; and where others have one too, a run was terminated in between.
 */
import type { Blue } from '../observed/blue';
import type { ObservedApplication, ObservedService } from '../observed/observed';
import { servicesOf } from '../observed/services';
import { Refusal } from '../refusal';
import type { Tags } from '../tags';
import { hasSteps, isSuspended, type Scaling, type Suspensions } from './scaling';

export interface ScalingPlan {
  /** What serves, and how its owner wants it suspended. Absent where it isn't scaled. */
  readonly blue?: {
    readonly service: string;
    readonly suspended: Suspensions;
    /** What a run that was terminated had changed, as it is put back. */
    readonly settled?: { readonly minimum: number; readonly suspended: Suspensions };
  };
  /** What green's becomes. Absent in a rolling update, which keeps blue's. */
  readonly green?: Scaling;
  /** Services that serve nobody and have a scalable target: it would bring them back from zero. */
  readonly idle?: readonly string[];
  /** Those of them whose policies alarms may call, which are to call blue's. Default: none. */
  readonly alarmed?: readonly string[];
  /** Policies that green doesn't get. */
  readonly left?: readonly string[];
}

/**
 * @param twins whether a twin is to serve in the end
 * @param tags what the settings want on everything that is made
 * @returns nothing where no service of the application is scaled
 * @throws {Refusal} when what scales blue can't scale a twin
 */
export function planScaling(
  observed: Pick<ObservedApplication, 'slots' | 'foreign' | 'liveListener' | 'testListener'>,
  blue: Blue,
  twins: boolean,
  tags: Tags = {},
): ScalingPlan | undefined {
  const services = servicesOf(observed).map(({ service }) => service);
  const serving = services.find(({ name }) => blue.kind !== 'platformServer' && name === blue.service);
  const others = services.filter((service) => service !== serving && service.scaling !== undefined);
  const found = serving?.scaling;
  if (found === undefined && others.length === 0) return undefined;
  const idle = others.length > 0 ? { idle: others.map(({ name }) => name) } : {};
  if (!serving || !found || blue.kind === 'platformServer') return idle;
  const alarmed = others.filter(({ scaling }) => scaling && hasSteps(scaling)).map(({ name }) => name);
  const wanted = others.reduce(wantedBy, found);
  const { minimum, suspended } = wanted;
  const left = twins ? policiesLeft(serving.name, wanted) : [];
  return {
    ...idle,
    ...(alarmed.length > 0 && { alarmed }),
    blue: {
      service: serving.name,
      suspended,
      ...(others.length > 0 && { settled: { minimum, suspended } }),
    },
    ...(twins && {
      green: {
        ...wanted,
        policies: wanted.policies.filter(({ name }) => !left.includes(name)),
        ...(Object.keys(tags).length > 0 && { tags }),
      },
    }),
    ...(left.length > 0 && { left }),
  };
}

/**
 * How the owner wants it, where a run was terminated between both targets: green's minimum was raised and all of it suspended, and
 * of blue's scaling in was. Nobody can tell whether scaling in alone was suspended before, which then isn't any more.
 */
function wantedBy(found: Scaling, { scaling: other = found }: ObservedService): Scaling {
  const out = found.suspended.DynamicScalingOutSuspended && other.suspended.DynamicScalingOutSuspended;
  return {
    ...found,
    minimum: Math.min(found.minimum, other.minimum),
    suspended: {
      DynamicScalingInSuspended: out,
      DynamicScalingOutSuspended: out,
      ScheduledScalingSuspended: found.suspended.ScheduledScalingSuspended && other.suspended.ScheduledScalingSuspended,
    },
  };
}

/** @returns the names of those that are of no use to a twin, where all scaling is suspended */
function policiesLeft(service: string, scaling: Scaling): string[] {
  const others = scaling.policies.filter(({ tracking, step }) => tracking === undefined && step === undefined);
  const [first] = others;
  if (first && !isSuspended(scaling))
    throw new Refusal(
      `${service} has the scaling policy ${first.name} (${first.type}), which forecasts from that service's own history, and its twin has none: put one of target tracking in its place, suspend the scaling of ${service} for the deployment, or deploy with the strategy rollingUpdate where cutover made ${service}.`,
    );
  return others.map(({ name }) => name);
}
