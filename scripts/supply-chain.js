// What cutover is made of. `node scripts/supply-chain.js` writes lib/sbom.cdx.json (CycloneDX) and lib/third-party-licences.txt for
// what runs, and refuses a licence that nobody has looked at. With `--audit` it asks the registries for known vulnerabilities and
// signatures, and whether the images still have the digests that are pinned; what can't be asked is said, in a line that begins with
// "*** NOT CHECKED". Ends with status 1 for a licence, a high vulnerability or a wrong signature.
const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const lib = join(root, 'lib');
const read = (...names) => readFileSync(join(root, ...names), 'utf8');

/** They ask for nothing but their text, which goes along. */
const permissive = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'Unlicense'];
/** Each is named in NOTICE. */
const attributed = ['CC-BY-4.0'];
/** Said in the package's LICENSE file alone. */
const saidElsewhere = { unionfs: 'Unlicense' };

/** The packages that run, as the lock file has them: path, name, version. Those for other platforms aren't here. */
function productionPackages() {
  const { packages } = JSON.parse(read('package-lock.json'));
  return Object.entries(packages)
    .filter(([path, one]) => path.startsWith('node_modules/') && !one.dev && !one.link)
    .map(([path, { version }]) => ({ path, name: path.split('node_modules/').at(-1), version }))
    .filter(({ path }) => existsSync(join(root, path, 'package.json')));
}

/** `(MIT OR Apache-2.0)` offers a choice, `A AND B` asks for both. */
function licencesOf({ path, name }) {
  const { license, licenses } = JSON.parse(read(path, 'package.json'));
  const said = typeof license === 'string' ? license : (license?.type ?? licenses?.[0]?.type);
  const expression = said ?? saidElsewhere[name] ?? 'none';
  const [first] = expression.replace(/[()]/g, '').split(' OR ');
  return first.split(' AND ');
}

/** Those whose licence nobody has looked at, a line each. */
function unknownLicences(packages = productionPackages()) {
  const known = [...permissive, ...attributed];
  return packages
    .filter((one) => !licencesOf(one).every((licence) => known.includes(licence)))
    .map((one) => `${one.name} ${one.version}: ${licencesOf(one).join(' AND ')}`);
}

/** Those that NOTICE has to name. */
const attributedPackages = () =>
  productionPackages().filter((one) => licencesOf(one).some((licence) => attributed.includes(licence)));

/** Name, licence, and what the package says about both in its own files. */
function thirdPartyLicences() {
  const sections = productionPackages().map((one) => {
    const files = readdirSync(join(root, one.path)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
    const texts = files.flatMap((name) => {
      try {
        return [read(one.path, name).trim()];
      } catch {
        return []; // A folder of that name.
      }
    });
    return [`${one.name} ${one.version}`, licencesOf(one).join(' AND '), ...texts].join('\n\n');
  });
  return `${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** npm's own, of what runs. npm's `--omit dev` leaves out what development needs too, and so it isn't asked to. */
function bill() {
  const words = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const all = JSON.parse(execFileSync('npm', words, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }));
  const running = new Set(productionPackages().map(({ name, version }) => `${name}@${version}`));
  const { component, ...metadata } = all.metadata;
  const kept = ({ name, version }) => running.has(`${name}@${version}`);
  const components = all.components.filter(kept);
  const refs = new Set([component['bom-ref'], ...components.map((one) => one['bom-ref'])]);
  const dependencies = all.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  const whole = {
    ...all,
    metadata: { ...metadata, component: { ...component, name: 'cutover' } },
    components,
    dependencies,
  };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}

function write() {
  const unknown = unknownLicences();
  if (unknown.length > 0) throw new Error(`Licences that nobody has looked at:\n  ${unknown.join('\n  ')}`);
  mkdirSync(lib, { recursive: true });
  writeFileSync(join(lib, 'sbom.cdx.json'), bill());
  writeFileSync(join(lib, 'third-party-licences.txt'), thirdPartyLicences());
  console.log(`${productionPackages().length} packages: lib/sbom.cdx.json, lib/third-party-licences.txt`);
}

const notChecked = (what, why) => console.log(`*** NOT CHECKED: ${what}, because ${why} ***`);

/** @returns whether nothing of weight is known */
function audit() {
  const { status, stdout } = spawnSync('npm', ['audit', '--omit', 'dev', '--json'], { cwd: root, encoding: 'utf8' });
  const { metadata, message, error } = parse(stdout);
  if (!metadata) {
    notChecked('known vulnerabilities', `no registry answers (${message ?? error?.summary ?? `status ${status}`})`);
    return true;
  }
  const { high = 0, critical = 0, total } = metadata.vulnerabilities;
  console.log(`Known vulnerabilities of what runs: ${total}, of which ${high} high and ${critical} critical`);
  return high + critical === 0;
}

/** @returns whether no signature is wrong */
function signatures() {
  const { stdout, stderr } = spawnSync('npm', ['audit', 'signatures', '--json'], { cwd: root, encoding: 'utf8' });
  const { invalid, missing } = parse(stdout);
  if (!invalid) {
    notChecked(
      'signatures of packages',
      `no registry answers (${stderr.match(/\bE[A-Z]{4,}\b/)?.[0] ?? 'no reason given'})`,
    );
    return true;
  }
  console.log(`Signatures of packages: ${invalid.length} invalid, ${missing?.length ?? 0} missing`);
  return invalid.length === 0;
}

/** The images of the Dockerfile and docker-compose.yml with their digests. */
const pinnedImages = () => [
  ...new Set(
    [read('Dockerfile'), read('docker-compose.yml')].flatMap((text) =>
      text.match(/[a-z/-]+:[\w.-]+@sha256:[0-9a-f]{64}/g),
    ),
  ),
];

/** A tag that has moved on has mends that the pinned image lacks: nothing is wrong, and somebody should look. */
function images() {
  for (const image of pinnedImages()) {
    const [tag, digest] = image.split('@');
    const words = ['buildx', 'imagetools', 'inspect', '--format', '{{.Manifest.Digest}}', tag];
    const { stdout, error } = spawnSync('docker', words, { encoding: 'utf8', timeout: 30_000 });
    const now = stdout?.trim();
    if (error || !now?.startsWith('sha256:')) notChecked(`the digest of ${tag}`, 'no registry of images answers');
    else console.log(now === digest ? `${tag} is what is pinned` : `${tag} is ${now} now: pin it anew`);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

module.exports = { attributedPackages, bill, pinnedImages, productionPackages, thirdPartyLicences, unknownLicences };

if (require.main === module) {
  if (!process.argv.includes('--audit')) write();
  else {
    const harmless = [audit(), signatures()];
    images();
    process.exitCode = harmless.every(Boolean) ? 0 : 1;
  }
}
