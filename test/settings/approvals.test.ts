/** `approvals:` of the settings: what makes two people of one, or can't ever be met, is refused. */
import { parseSettings } from '../../settings/load';
import { zoneOf } from '../../settings/applications/zone';
import { person } from '../planning/approvals/people';
import { zone } from './minimal';

const [ana, rui] = ['Ana', 'Rui'].map(person);
const approver = (one: typeof ana, more = '') => `{ name: ${one!.name}, keys: ['${one!.line}']${more} }`;
const read = (approvals: string, more = '') =>
  parseSettings(`${zone}    approvals: ${approvals}\n${more}`, 'cutover.yaml');

test.each([
  ['a person twice, by name', `{ approvers: [${approver(ana)}, { name: ana, keys: ['${rui!.line}'] }] }`, /same name/],
  ['a key of two people', `{ approvers: [${approver(ana)}, { name: Rui, keys: ['${ana!.line} rui'] }] }`, /same key/],
  [
    'an account of two people',
    '{ approvers: [{ name: Ana, oidc: &o { issuer: "https://login.example.com", audience: c, claims: { sub: x } } }, { name: Rui, oidc: *o }] }',
    /same oidc/,
  ],
  ['an approver who can’t prove it', '{ approvers: [{ name: Ana }] }', /expected keys or oidc/],
  ['a key of another kind', "{ approvers: [{ name: Ana, keys: ['ssh-rsa AAAAB3NzaC1yc2E='] }] }", /no other kind/],
  ['a private key', "{ approvers: [{ name: Ana, keys: ['-----BEGIN OPENSSH PRIVATE KEY-----'] }] }", /public key/],
  [
    'a key with something behind it',
    `{ approvers: [{ name: Ana, keys: ['${ana!.line.split(' ')[0]} ${ana!.line.split(' ')[1]}AAAA'] }] }`,
    /public key/,
  ],
  ['more approvals than approvers', `{ minimum: 2, approvers: [${approver(ana)}] }`, /minimum: expected at most 1/],
  ['a number of nobody', '{ minimum: 2 }', /expected approvers/],
  [
    'an issuer without TLS',
    '{ approvers: [{ name: A, oidc: { issuer: "http://login.example.com", audience: c, claims: { sub: x } } }] }',
    /expected https/,
  ],
  [
    'an issuer’s token of anybody',
    '{ approvers: [{ name: A, oidc: { issuer: "https://login.example.com", audience: c, claims: {} } }] }',
    /only this person/,
  ],
  ['a time zone that is none', '{ windows: [{ timeZone: Europe/Atlantis }] }', /expected a time zone/],
  ['a time that is none', '{ windows: [{ from: "8:00" }] }', /expected a time such as 08:00/],
  [
    'a freeze that ends before it begins',
    '{ freeze: [{ from: 2026-12-24, to: 2026-12-20, reason: x }] }',
    /not before "from"/,
  ],
  ['a freeze without a reason', '{ freeze: [{ from: 2026-12-24, to: 2026-12-26 }] }', /reason/],
  ['a name that it doesn’t know', '{ minimun: 1 }', /minimun/],
])('refused: %s', (_name, approvals, why) => {
  expect(() => read(approvals)).toThrow(why);
});

test('approvers who would never be asked are refused', () => {
  expect(() => read(`{ approvers: [${approver(ana)}] }`, '    deployment: { approval: none }\n')).toThrow(
    /deployment\.approval: expected beforeStart or afterVerify/,
  );
});

test('an application’s approvers are its own, and what it doesn’t say is its zone’s', () => {
  const application = `applications:\n  Orders: { key: 00000000-0000-4000-8000-000000000000, approvals: { approvers: [${approver(rui)}] } }\n`;
  const settings = read(
    `{ approvers: [${approver(ana)}], freeze: [{ from: 2026-12-24, to: 2026-12-26, reason: x }] }`,
    application,
  );
  const found = zoneOf(settings, 'production', 'Orders');
  expect(found && 'zone' in found && found.zone.approvals).toMatchObject({
    approvers: [{ name: 'Rui' }],
    freeze: [{ from: '2026-12-24' }],
  });
});
