import { planConfigurationUpdate } from '../../../planning/plans/configuration-update';
import { inSlotA, listener, listenerArn, liveRule, observed, release, request, slot } from '../zone';

const sha256 = 'ab'.repeat(32);
const serving = (configuration: string | null) => {
  const served = { ...release('1.0.0', ['Orders']), configuration };
  return observed({ ...inSlotA(), slots: [slot('a', { release: served }), slot('b', { desiredCount: 0 })] });
};

describe('nothing is updated', () => {
  test.each([
    ['while the Platform Server serves', observed()],
    [
      'where something else than cutover registered what serves',
      observed({ liveListener: listener(listenerArn, liveRule('group-a', ['Orders'])), slots: [slot('a', {})] }),
    ],
  ])('%s', (_, found) => {
    expect(() => planConfigurationUpdate(request(), found, { sha256 })).toThrow(
      /doesn't serve from containers that cutover deployed: deploy it first/,
    );
  });

  test('once the registry has forgotten the image that serves: no replica of it could start', () => {
    expect(() => planConfigurationUpdate(request(), { ...serving(null), forgotten: true }, { sha256 })).toThrow(
      /The image orders:1\.0\.0 is gone from its registry/,
    );
  });

  test('without an App.config, and people learn where it was looked for', () => {
    expect(() => planConfigurationUpdate(request(), serving(null), null)).toThrow(
      /no App\.config in any folder, for the zone has no "configuration": nothing was changed/,
    );
  });

  test('when the configuration serves already: no replica is replaced for it', () => {
    expect(planConfigurationUpdate(request(), serving(sha256), { sha256 })).toMatchObject({
      strategy: 'none',
      note: 'The configuration abababababab serves already: nothing was changed.',
      live: { slot: 'a', image: 'orders:1.0.0' },
      release: { version: '1.0.0' },
    });
  });
});

test.each(['blueGreen', 'rollingUpdate'] as const)(
  'the same image runs with the new configuration, by %s where that is asked for',
  (strategy) => {
    for (const earlier of [null, 'cd'.repeat(32)]) {
      const planned = planConfigurationUpdate(request({ strategy }), serving(earlier), { sha256 });
      expect(planned).toMatchObject({
        strategy,
        plan: { release: { image: 'orders:1.0.0', digest: 'sha256:1.0.0', configuration: sha256 } },
      });
    }
  },
);
