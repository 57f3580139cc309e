import fc from 'fast-check';
import {
  digestOf,
  formatImage,
  parseImage,
  pin,
  versionOf,
  withoutRegistry,
} from '../../../planning/release/image-reference';

const digest = `sha256:${'4f'.repeat(32)}`;

test('a port of the registry is no tag', () => {
  expect(parseImage('registry.example.com:5000/orders')).toEqual({
    registry: 'registry.example.com:5000',
    repository: 'orders',
  });
  expect(versionOf('registry.example.com:5000/orders')).toBe('latest');
});

test.each([
  ['orders', { registry: '', repository: 'orders' }],
  ['team/orders:1.4.2', { registry: '', repository: 'team/orders', tag: '1.4.2' }],
  ['localhost/orders:1', { registry: 'localhost', repository: 'orders', tag: '1' }],
  ['ecr.example.com/team/orders:1', { registry: 'ecr.example.com', repository: 'team/orders', tag: '1' }],
  [`orders:1@${digest}`, { registry: '', repository: 'orders', tag: '1', digest }],
])('%s is taken apart', (image, parts) => expect(parseImage(image)).toEqual(parts));

test('what is taken apart can be put together again', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const images = fc
    .record({ registry: some(name), repository: name, tag: some(name), pinned: fc.boolean() })
    .map(({ registry, repository, tag, pinned }) => ({
      registry: registry === undefined ? '' : `${registry}.example.com`,
      repository,
      ...(tag !== undefined && { tag }),
      ...(pinned && { digest }),
    }));
  fc.assert(fc.property(images, (parts) => expect(parseImage(formatImage(parts))).toEqual(parts)));
});

test('a pinned image says which release it was, and which bytes it is', () => {
  const reference = pin('team/orders:1.4.2', digest);
  expect(reference).toBe(`team/orders:1.4.2@${digest}`);
  expect(digestOf(reference)).toBe(digest);
  expect(versionOf(reference)).toBe('1.4.2');
  expect(pin(reference, 'sha256:00')).toBe('team/orders:1.4.2@sha256:00');
});

test('an image that nobody tagged is called by the start of its digest', () => {
  expect(versionOf(`orders@${digest}`)).toBe('sha256:4f4f4f4f4f4f');
  expect(digestOf('orders:1')).toBe('');
});

test('only the zone’s own registry goes without saying', () => {
  expect(withoutRegistry('ecr.example.com/team/orders:1', 'ecr.example.com')).toBe('team/orders:1');
  expect(withoutRegistry('ecr.example.com/team/orders:1', 'ecr.example.com/team')).toBe('orders:1');
  expect(withoutRegistry('other.example.com/orders:1', 'ecr.example.com')).toBe('other.example.com/orders:1');
  expect(withoutRegistry('orders:1', '')).toBe('orders:1');
});
