/** Signatures by keys: forgeries first, and then OpenSSH's own tool. */
import { execFileSync, spawn } from 'node:child_process';
import { sign } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provenByKey } from '../../../activities/approvals/keys';
import { openKey } from '../../../client/approvals/keys';
import { formatStatement, parseStatement } from '../../../contract/approvals';
import { formatSshSignature, parseSshSignature } from '../../../contract/ssh-signature';
import { approvals } from '../../../settings/approvals/policy';
import { parsePublicKey } from '../../../settings/approvals/ssh-key';
import { person, signed, statement } from '../../planning/approvals/people';

const [ana, rui, mallory] = ['Ana', 'Rui', 'Mallory'].map(person) as [
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
];
const { approvers } = approvals.parse({ approvers: [ana, rui].map(({ name, line }) => ({ name, keys: [line] })) });
const text = formatStatement(statement('Ana'));
const anas = signed(ana, statement('Ana'));

describe('a signature that proves nobody', () => {
  const damaged = (change: (signature: NonNullable<ReturnType<typeof parseSshSignature>>) => object) => {
    const parsed = parseSshSignature(anas.signature ?? '')!;
    return formatSshSignature({ ...parsed, ...change(parsed) });
  };
  const flipped = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === 5 ? byte ^ 1 : byte));

  test.each([
    ['one of a stranger’s key', signed(mallory, statement('Ana')).signature, /none that the settings list/],
    ['one for another purpose, as of a Git commit', signed(ana, statement('Ana'), 'git').signature, /for "git"/],
    ['one of another statement', signed(ana, statement('Ana', { run: 'run-9' })).signature, /does not fit/],
    ['a damaged one', damaged(({ signature }) => ({ signature: flipped(signature) })), /does not fit/],
    ['one under another’s key', damaged(() => ({ publicKey: rui.blob })), /does not fit/],
    ['one by a hash that OpenSSH has not', damaged(() => ({ hashAlgorithm: 'md5' })), /hash/],
    ['something after it', `${anas.signature}\nmore`, /none that an Ed25519 key made/],
    ['nothing in it', '-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----', /none that an Ed25519 key made/],
    ['a plain one of another’s key', sign(null, Buffer.from(text), rui.key).toString('base64'), /no key .* Ana/],
    ['a plain one of zeros', Buffer.alloc(64).toString('base64'), /no key .* Ana/],
    ['no Base64', 'approved, Ana', /neither/],
  ])('%s', (_name, signature, why) => {
    expect(provenByKey(text, signature ?? '', 'Ana', approvers)).toMatch(why);
  });
});

test('a signature proves whose key it is, whoever it is said to be of', () => {
  expect(provenByKey(text, signed(rui, statement('Ana')).signature ?? '', 'Ana', approvers)).toMatchObject({
    person: 'Rui',
  });
  const plain = sign(null, Buffer.from(text), ana.key).toString('base64');
  const fingerprint = parsePublicKey(ana.line)?.fingerprint;
  for (const signature of [anas.signature ?? '', plain])
    expect(provenByKey(text, signature, 'Ana', approvers)).toEqual({ person: 'Ana', fingerprint });
});

test.each([
  ['blanks', text.replace(',', ', ')],
  ['a name twice', text.replace('{', '{"approver":"Rui",')],
  ['a name more', text.replace('{', '{"admin":true,')],
  ['another order', `{"version":1,${text.slice(1).replace(',"version":1', '')}`],
  ['two line breaks', `${text}\n\n`],
  ['no JSON', 'approved'],
])('a statement that could be read in two ways is none: %s', (_name, written) => {
  expect(parseStatement(written)).toBeUndefined();
});

describe('OpenSSH', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutover-keys-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'eva@laptop', '-f', join(folder, 'key')]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const eva = () =>
    approvals.parse({ approvers: [{ name: 'Eva', keys: [readFileSync(join(folder, 'key.pub'), 'utf8').trim()] }] })
      .approvers;

  test('what ssh-keygen signed proves its key, with the line break that an editor leaves', () => {
    writeFileSync(join(folder, 'statement'), `${text}\n`);
    execFileSync('ssh-keygen', ['-Y', 'sign', '-n', 'cutover', '-f', join(folder, 'key'), join(folder, 'statement')]);
    const signature = readFileSync(join(folder, 'statement.sig'), 'utf8');
    expect(provenByKey(`${text}\n`, signature, 'Eva', eva())).toMatchObject({ person: 'Eva' });
    expect(parseStatement(`${text}\n`)).toMatchObject({ approver: 'Ana' });
  });

  test('what the command line signs with its key ssh-keygen takes, too', async () => {
    const key = await openKey(join(folder, 'key'));
    const signature = await key.sign(text);
    expect(provenByKey(text, signature, 'Eva', eva())).toMatchObject({
      person: 'Eva',
      fingerprint: key.publicKey.fingerprint,
    });
  });

  test('with a public key ssh-agent signs, which has the private one', async () => {
    const socket = join(folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    const before = process.env['SSH_AUTH_SOCK'];
    try {
      while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 10));
      process.env['SSH_AUTH_SOCK'] = socket;
      execFileSync('ssh-add', ['-q', join(folder, 'key')], { env: { ...process.env }, stdio: 'ignore' });
      await rename(join(folder, 'key'), join(folder, 'elsewhere'));
      const key = await openKey(join(folder, 'key.pub'));
      expect(provenByKey(text, await key.sign(text), 'Eva', eva())).toMatchObject({ person: 'Eva' });
    } finally {
      await rename(join(folder, 'elsewhere'), join(folder, 'key')).catch(() => undefined);
      if (before === undefined) delete process.env['SSH_AUTH_SOCK'];
      else process.env['SSH_AUTH_SOCK'] = before;
      agent.kill();
    }
  });

  test('a PEM file’s key makes the same kind of signature, which ssh-keygen verifies', async () => {
    writeFileSync(join(folder, 'pem'), ana.key.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'signers'), `Ana ${ana.line}\n`);
    const key = await openKey(join(folder, 'pem'));
    writeFileSync(join(folder, 'signature'), `${await key.sign(text)}\n`);
    const verify = [
      '-Y',
      'verify',
      '-n',
      'cutover',
      '-I',
      'Ana',
      '-f',
      join(folder, 'signers'),
      '-s',
      join(folder, 'signature'),
    ];
    expect(execFileSync('ssh-keygen', verify, { input: text }).toString()).toContain('Good "cutover" signature');
  });
});
