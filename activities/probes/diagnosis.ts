/** Whether the worker reaches each node of a load balancer. */
import { finding, type Finding } from '../../planning/doctor';
import { countingAnswers, familyWithoutRoute, formatLeftOut } from '../../planning/proof/nodes';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { describeAddresses } from './nodes';
import { askAddresses } from './rounds';

/** Any answer will do: what is asked for need not be there. */
export async function diagnoseNodes(route: RouteAddress): Promise<Finding[]> {
  const check = 'load balancer nodes';
  const addresses = await describeAddresses(route);
  const answers = await askAddresses(route, addresses, { paths: [''], file: '', quick: true });
  const without = familyWithoutRoute(answers);
  const counting = countingAnswers(answers, addresses, without);
  const answering = counting.filter(({ answer }) => answer.status !== null).map(({ address }) => address);
  const silent = counting.filter(({ answer }) => answer.status === null);
  return [
    ...(answering.length > 0
      ? [finding({ check, state: 'ok', says: `${answering.join(', ')} answer on port ${route.port}` })]
      : []),
    ...silent.map(({ address, answer }) =>
      finding({
        check,
        state: 'error',
        says: `${address} doesn't answer on port ${route.port}: ${answer.text}`,
        next: 'Let the worker through to every node of the load balancer: a deployment is proven on each.',
      }),
    ),
    ...(without === undefined
      ? []
      : [
          finding({
            check,
            state: 'warning',
            says: formatLeftOut(without),
            next: 'Name the family that the worker has as "probe.family" of the zone, or give the worker a route.',
          }),
        ]),
  ];
}
