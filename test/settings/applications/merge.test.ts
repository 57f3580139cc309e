/** How an application's own settings come over its zone's. */
import fc from 'fast-check';
import { findWritten, mergeSettings, valuesOf } from '../../../settings/applications/merge';

const value = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const name = fc.constantFrom('a', 'b', '10', '2', 'c');
const environment = fc.uniqueArray(fc.record({ name, value }), { selector: (one) => one.name });
const container = fc.record({ name, cpu: value, environment, command: fc.array(value) }, { requiredKeys: ['name'] });
const containers = fc.uniqueArray(container, { selector: (one) => one.name });
const zone = fc.record(
  {
    taskDefinition: fc.record({ cpu: value, containerDefinitions: containers }, { requiredKeys: [] }),
    container: fc.record({ port: value, environment: fc.dictionary(name, value) }, { requiredKeys: [] }),
    service: fc.record({ placementStrategy: fc.array(fc.record({ type: value })) }, { requiredKeys: [] }),
    desiredCount: value,
  },
  { requiredKeys: [] },
);

const containersOf = (merged: unknown) =>
  (merged as { taskDefinition?: { containerDefinitions?: { name: string }[] } }).taskDefinition?.containerDefinitions ??
  [];

describe('whatever is written', () => {
  test('an application that says nothing has its zone', () => {
    fc.assert(fc.property(zone, (given) => expect(mergeSettings(given, {})).toEqual(given)));
  });

  test('a zone that says nothing leaves the application its own', () => {
    fc.assert(fc.property(zone, (own) => expect(mergeSettings({}, own)).toEqual(own)));
  });

  test('saying the same once more changes nothing', () => {
    fc.assert(
      fc.property(zone, zone, (given, own) => {
        const once = mergeSettings(given, own);
        expect(mergeSettings(once, own)).toEqual(once);
      }),
    );
  });

  test('every value is the application’s where it writes it, else the zone’s, and found where it is written', () => {
    const valueAt = (written: unknown, path: readonly string[]): unknown => {
      const { isWhole, path: found } = findWritten(path, written);
      const step = (one: unknown, name: string) => (one as Record<string, unknown>)[name];
      return isWhole ? found.reduce(step, written) : undefined;
    };
    fc.assert(
      fc.property(zone, zone, (given, own) => {
        for (const [path, held] of valuesOf(mergeSettings(given, own)))
          expect(valueAt(own, path) ?? valueAt(given, path)).toEqual(held);
      }),
    );
  });

  test('each container is there once, the zone’s first', () => {
    fc.assert(
      fc.property(zone, zone, (given, own) => {
        const names = containersOf(mergeSettings(given, own)).map((one) => one.name);
        const both = [...containersOf(given), ...containersOf(own)].map((one) => one.name);
        expect(names).toEqual([...new Set(both)]);
      }),
    );
  });

  test('what it takes away is as if the zone had never said it', () => {
    fc.assert(
      fc.property(zone, (given) => {
        const { container: _, ...rest } = given;
        expect(mergeSettings(given, { container: null })).toEqual(rest);
      }),
    );
  });
});

describe('an application', () => {
  const given = {
    taskDefinition: {
      cpu: '1024',
      containerDefinitions: [
        { name: 'application', environment: [{ name: 'LEVEL', value: 'info' }], command: ['serve', '--all'] },
        { name: 'proxy', image: 'proxy:1' },
      ],
    },
    network: { subnets: ['subnet-1', 'subnet-2'] },
  };
  const containersWith = (containerDefinitions: unknown) =>
    containersOf(mergeSettings(given, { taskDefinition: { containerDefinitions } }));

  test('adds a variable to a container of the zone, which keeps the rest of what it has', () => {
    expect(containersWith([{ name: 'application', environment: [{ name: 'SHOP', value: 'on' }] }])).toEqual([
      {
        name: 'application',
        environment: [
          { name: 'LEVEL', value: 'info' },
          { name: 'SHOP', value: 'on' },
        ],
        command: ['serve', '--all'],
      },
      { name: 'proxy', image: 'proxy:1' },
    ]);
  });

  test('takes a container away by its name', () => {
    expect(containersWith({ proxy: null }).map((one) => one.name)).toEqual(['application']);
  });

  test('has every other list whole', () => {
    expect(containersWith([{ name: 'application', command: ['serve'] }])[0]).toMatchObject({ command: ['serve'] });
    expect(mergeSettings(given, { network: { subnets: ['subnet-3'] } })).toMatchObject({
      network: { subnets: ['subnet-3'] },
    });
  });
});
