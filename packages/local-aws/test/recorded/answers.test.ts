/** What real accounts answered, the local AWS answers with the same members, of the same types and forms. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answersOfLocalAccount, type Answered } from './account';
import { leftOut } from './left-out';
import { differences, partsOf, shapeOf } from './shapes';

const read = (file: string) =>
  JSON.parse(readFileSync(join(__dirname, file), 'utf8')) as Readonly<Record<string, readonly object[]>>;

/** Of real accounts, by operation. */
const recorded = read('answers.json');
/** By what they are of, because each shows only some of the members. Where both have one, it may be as in either. */
const examples = partsOf(Object.entries(read('cli-examples.json')));
const all = partsOf([...Object.entries(recorded), ...Object.entries(read('cli-examples.json'))]);

let answered: Answered;

beforeAll(async () => {
  answered = await answersOfLocalAccount();
});

const lackingOf = (operation: string) =>
  differences(shapeOf(recorded[operation] ?? []), shapeOf(answered.get(operation) ?? []));
const lackingIn = (part: string) =>
  differences(shapeOf([{ [part]: all.get(part) }]), shapeOf([{ [part]: partsOf(answered).get(part) }]));
const unlisted = (paths: readonly string[]) => paths.filter((path) => !leftOut.some(([left]) => left.test(path)));

test.each(Object.keys(recorded))('the answers of %s have every member of real ones', (operation) => {
  expect(unlisted(lackingOf(operation))).toEqual([]);
});

test.each([...examples.keys()])("what is answered about a %s has every member of the AWS CLI's examples", (part) => {
  expect(unlisted(lackingIn(part))).toEqual([]);
});

test('nothing is listed as left out that is there', () => {
  const lacking = [...Object.keys(recorded).flatMap(lackingOf), ...[...examples.keys()].flatMap(lackingIn)];
  expect(leftOut.filter(([left]) => !lacking.some((path) => left.test(path)))).toEqual([]);
});
