/**
 * Which services can be deployed to. Each refusal says why, and the AWS CLI command that helps. Nothing is known to help
 * silently: what cutover would change of a service behind its owner's back is left to the owner.
 */
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import type { ZoneSettings } from '../../settings/schema';
import type { Blue } from './blue';
import type { ObservedApplication, ObservedService } from './observed';
import { Refusal } from '../refusal';

/** @throws {Refusal} when what serves, or the slot that is to serve, is deployed in a way that gets in between */
export function refuseUnsuitable(
  { zone, options }: { readonly zone: ZoneSettings; readonly options: ResolvedRunbookOptions },
  { slots, foreign }: Pick<ObservedApplication, 'slots' | 'foreign'>,
  blue: Blue,
): void {
  const services = slots.flatMap(({ service }) => service ?? []);
  const serving = [...services, ...(foreign?.service ? [foreign.service] : [])].find(
    ({ name }) => blue.kind !== 'platformServer' && name === blue.service,
  );
  const twins = options.strategy === 'blueGreen';
  if (serving) refuseControlled(serving, zone.cluster, twins);
}

function refuseControlled(service: ObservedService, cluster: string, twins: boolean): void {
  const { name, traits } = service;
  if (twins) refuseIncomplete(service);
  if (!traits) return;
  const { controller, strategy, scheduling, serviceConnect } = traits;
  const command = `aws ecs update-service --cluster ${cluster} --service ${name}`;
  if (scheduling !== 'REPLICA')
    throw new Refusal(
      `${name} has the scheduling strategy ${scheduling}, which has no desired count: make a service with the strategy REPLICA first.`,
    );
  if (controller !== 'ECS')
    throw new Refusal(
      `${name} is deployed by ${controller}, which would undo what cutover does: hand it to ECS first, with "${command} --deployment-controller type=ECS".`,
    );
  if (strategy !== 'ROLLING')
    throw new Refusal(
      `${name} has ECS's own deployment strategy ${strategy}, which shifts traffic by itself: set "${command} --deployment-configuration strategy=ROLLING" first.`,
    );
  if (serviceConnect && twins)
    throw new Refusal(
      `${name} uses Service Connect, whose discovery names only one service can have, so it can't have a twin: deploy it with the strategy rollingUpdate, or turn that off with "${command} --service-connect-configuration enabled=false".`,
    );
}

/** Who calls a service by what its twin lacks would find nobody once it goes. */
function refuseIncomplete({ name, traits }: ObservedService): void {
  const { missingInTwin = [] } = traits ?? {};
  if (missingInTwin.length > 0)
    throw new Refusal(
      `${name} has ${missingInTwin.join(', ')}, which a twin of it wouldn't have: deploy it with the strategy rollingUpdate where cutover made it, or take that out of the service first.`,
    );
}
