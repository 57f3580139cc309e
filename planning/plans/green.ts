/** What a deployment starts beside blue: a slot's service, a twin of blue's, and its target group. */
import type { ZoneSettings } from '../../settings/schema';
import type { Blue } from '../observed/blue';
import { applicationTags, slotNames, type ApplicationIdentity, type Slot } from '../names';
import { planTargetGroup, type TargetGroupPlan } from './target-group';
import type { Observed, ObservedSlot, ServiceSettings } from '../observed/observed';

export interface ServicePlan {
  readonly name: string;
  readonly desiredCount: number;
  readonly container: { readonly name: string; readonly port: number };
  readonly settings: ServiceSettings;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Green {
  readonly slot: Slot;
  readonly service: ServicePlan;
  readonly targetGroup: TargetGroupPlan;
}

/** What green is planned from, beside what was observed. */
export interface GreenRequest {
  readonly application: ApplicationIdentity;
  readonly zone: ZoneSettings;
  readonly desiredCount: number;
}

/** Green has blue's settings and as many replicas as blue; where blue has none, the zone's settings and the count asked for. */
export function planGreen({ application, zone, desiredCount }: GreenRequest, observed: Observed, blue: Blue): Green {
  const { slot, twin } = greenSlot(blue, observed);
  const names = slotNames(application, slot);
  const tags = applicationTags(application);
  return {
    slot,
    service: {
      name: names.service,
      desiredCount: blue.kind === 'platformServer' || blue.desiredCount === 0 ? desiredCount : blue.desiredCount,
      container: { name: zone.container.name, port: zone.container.port },
      settings: twin?.service?.settings ?? serviceSettings(zone),
      tags,
    },
    targetGroup: planTargetGroup(zone, {
      name: names.targetGroup,
      modules: observed.release.modules,
      twinAttributes: twin?.attributes ?? {},
      tags,
    }),
  };
}

/** Green takes the slot that doesn't serve; blue's slot is the one it is a twin of. */
function greenSlot(
  blue: Blue,
  { slots, foreign }: Observed,
): { slot: Slot; twin?: Pick<ObservedSlot, 'service' | 'attributes'> } {
  if (blue.kind === 'platformServer') return { slot: 'a' };
  if (blue.kind === 'adopted') return { slot: 'a', ...(foreign && { twin: foreign }) };
  const twin = slots.find(({ slot }) => slot === blue.slot);
  return { slot: blue.slot === 'a' ? 'b' : 'a', ...(twin && { twin }) };
}

function serviceSettings({ service, network }: ZoneSettings): ServiceSettings {
  return {
    launchType: service.launchType,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriod / 1000,
    deploymentConfiguration: {
      minimumHealthyPercent: service.minimumHealthyPercent,
      maximumPercent: service.maximumPercent,
    },
    ...(network && {
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: network.subnets,
          securityGroups: network.securityGroups,
          assignPublicIp: network.assignPublicIp ? 'ENABLED' : 'DISABLED',
        },
      },
    }),
  };
}
