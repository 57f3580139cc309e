/** `cutover doctor` asks for every permission that deployments need, or says which it can't ask for. */
import type { AwsClients } from '../../../../activities/aws/client/clients';
import { notAskedFor, permissionCalls } from '../../../../activities/aws/questions/permissions';
import { neededFor, operationsInCode } from '../../../packaging/policies';
import { zoneSettings } from '../../../planning/zone';

test('every action of the worker is asked for by the doctor, or named as one that cannot be', () => {
  const zone = zoneSettings(
    ', container: { logGroup: /ecs/outsystems }, registry: 123456789012.dkr.ecr.eu-west-1.amazonaws.com',
  );
  // Nothing is called here: only the names count.
  const asked = Object.keys(permissionCalls({} as AwsClients, zone));
  expect([...asked, ...Object.keys(notAskedFor)].toSorted()).toEqual(neededFor(operationsInCode()).toSorted());
});
