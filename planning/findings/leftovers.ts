/** What earlier deployments left behind, and services that serve with nothing. */
import { finding, type Finding } from '../doctor';
import type { ApplicationIdentity } from '../names';
import type { ObservedApplication } from '../observed/observed';
import { hasLiveTraffic, liveRulesOf, servicesOf, throughEachListener } from '../observed/services';
import { routeRules } from '../routing/rule-set';
import { ruleName } from './rule-name';

/**
 * What a deployment that was terminated leaves, and a service with live traffic and no task. What a deployment that still runs has
 * made is found too: the caller knows of that.
 */
export function findLeftovers(application: ApplicationIdentity, observed: ObservedApplication): Finding[] {
  const { name } = application;
  const through = throughEachListener(observed);
  const liveRules = through.flatMap((one) => liveRulesOf(application, one));
  const tests = through.flatMap(({ testListener }) => routeRules(testListener.rules, application, 'test'));
  const mixed = through
    .flatMap(({ liveListener }) => routeRules(liveListener.rules, application, 'live'))
    .filter(({ forward }) => forward.filter(({ weight }) => weight > 0).length > 1);
  const services = servicesOf(observed).map((found) => ({
    ...found.service,
    isServing: hasLiveTraffic(liveRules, found),
  }));
  const empty = services.filter(({ isServing, desiredCount }) => isServing && desiredCount === 0);
  const scaled = services.filter(({ isServing, scaling }) => !isServing && scaling !== undefined);
  const idle = services.filter(({ isServing, desiredCount }) => !isServing && desiredCount > 0);
  return [
    ...empty.map((service) => servesNothing(service.name, name)),
    ...(tests.length > 0 ? [leftover(name, `${name} has ${tests.length} test rules`)] : []),
    ...mixed.map((rule) => leftover(name, `Live traffic of ${name} is split by ${ruleName(rule)}`)),
    ...idle.map((service) => leftover(name, `${service.name} runs ${service.desiredCount} tasks without live traffic`)),
    ...scaled.map((service) =>
      leftover(name, `${service.name} has a scalable target without live traffic, which may bring it back`),
    ),
  ];
}

const leftover = (application: string, says: string) =>
  finding({
    check: 'leftovers',
    state: 'warning',
    says,
    next: `The next deployment of ${application} puts it right.`,
    application,
  });

const servesNothing = (service: string, application: string) =>
  finding({
    check: 'live service',
    state: 'error',
    says: `${service} has live traffic of ${application} and wants no task: each request that it gets is answered 503`,
    next: `Scale ${service} up, or deploy ${application}.`,
    application,
  });
