/** What `cutover approve` makes of its flags: who approves what, and what it refuses before anything is sent. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provenByKey } from '../../../activities/approvals/keys';
import { signApproval, statementOf, type Approved, type SigningOptions } from '../../../client/approvals/sign';
import { parseStatement } from '../../../contract/approvals';
import { nonceOf } from '../../../settings/approvals/nonce';
import { parseSettings } from '../../../settings/load';
import { person } from '../../planning/approvals/people';
import { zone } from '../../settings/minimal';

const [ana, mallory] = ['Ana', 'Mallory'].map(person);
const settings = parseSettings(
  `${zone}    approvals: { approvers: [{ name: Ana, keys: ['${ana!.line}'] }] }\n`,
  'cutover.yaml',
);
const target = { zone: 'production', application: 'Orders' };
const approved: Approved = {
  approval: 'afterVerify',
  workflow: 'production/Orders',
  run: 'run-1',
  plan: 'sha256:plan',
  image: 'sha256:1',
};
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cutover-sign-'));
  for (const who of [ana, mallory])
    writeFileSync(join(folder, who!.name), who!.key.export({ type: 'pkcs8', format: 'pem' }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text?: string) => {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
};
const sign = (options: SigningOptions) => signApproval(approved, settings, target, options);

test('whose key it is approves, what was looked at, for a day', async () => {
  const { statement, signature = '' } = await sign({ sign: file('Ana'), reason: 'tested' });
  expect(parseStatement(statement)).toMatchObject({ ...approved, approver: 'Ana', reason: 'tested' });
  const left = Date.parse(parseStatement(statement)?.expires ?? '') - Date.now();
  expect(Math.round(left / 3_600_000)).toBe(24);
  const { approvers = [] } = settings.zones['production']?.approvals ?? {};
  expect(provenByKey(statement, signature, 'Ana', approvers)).toMatchObject({ person: 'Ana' });
});

test('what was signed elsewhere is sent to the byte, with its signature or a token', async () => {
  const text = `${statementOf(approved, 'Ana', {})}\n`;
  const statement = file('statement', text);
  expect(await sign({ statement, signature: file('signature', 'sig\n') })).toEqual({
    statement: text,
    signature: 'sig',
  });
  expect(await sign({ statement, token: file('token', 'eyJ…\n') })).toEqual({ statement: text, token: 'eyJ…' });
  expect(nonceOf(text)).toBe(nonceOf(text.trim()));
});

test.each<[string, () => SigningOptions, RegExp]>([
  ['a key that the settings don’t list', () => ({ sign: file('Mallory') }), /list no approver with the key SHA256/],
  ['a file that isn’t there', () => ({ sign: file('nobody') }), /can't be read/],
  ['a token of nobody', () => ({ token: file('token', 'x') }), /Say who approves: --as NAME/],
  ['a statement alone', () => ({ statement: file('s', statementOf(approved, 'Ana', {})) }), /alone proves nobody/],
  ['no statement', () => ({ statement: file('s', 'yes'), signature: file('t', 'x') }), /is no statement/],
  [
    'a statement for another run',
    () => ({ statement: file('s', statementOf({ ...approved, run: 'run-0' }, 'Ana', {})), signature: file('t', 'x') }),
    /for another run/,
  ],
  ['a broken glass without a reason', () => ({ sign: file('Ana'), breakGlass: true }), /give --reason/],
  [
    'an approval for a month',
    () => ({ sign: file('Ana'), expires: '30d' }),
    /--expires: expected a duration from 1m to 8d/,
  ],
])('refused: %s', async (_name, options, why) => {
  await expect(sign(options())).rejects.toThrow(why);
});
