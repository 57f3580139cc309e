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

test('one of a thousand applications is found without a look at what the others have', () => {
  const key = '6d3b7c1e-6a62-4b1c-9a55-4a1f4c1d9f01';
  const unseen = {
    key: 'another',
    paths: {},
    get modules(): never {
      throw new Error('This is none of its business.');
    },
  };
  const others = Array.from({ length: 1_000 }, (_, at) => [`App${at}`, unseen] as const);
  const all = { ...settings, applications: { ...Object.fromEntries(others), Orders: { key, paths: {} } } };
  expect(resolveApplication(all as unknown as Settings, 'local/Orders').application.key).toBe(key);
});
