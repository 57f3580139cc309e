import { resolveApplication } from '../../../../activities/aws/plans/applications';
import type { Settings } from '../../../../settings/schema';

const settings = {
  zones: { local: {} },
  applications: { Orders: {}, Invoices: {} },
} as unknown as Settings;

test.each([
  ['local/', /and local\/ is not: .* an application behind the slash; the settings know Orders, Invoices\.$/],
  ['Orders', /and Orders is not: start it again as local\/Orders\.$/],
  ['nowhere/Orders', /There is no zone nowhere .* start it as local\/Orders\.$/],
])('the workflow ID %s is refused with what to start instead', (workflowId, message) => {
  expect(() => resolveApplication(settings, workflowId)).toThrow(message);
});
