/**
 * `cutover local fault …`: lets the local AWS of a running stack fail on demand. The kinds and their options are read from
 * the schema that the control port checks with, so the command line always knows the same ones as the local AWS.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { faultSchema } from '../../packages/local-aws/src/index';
import { defaultStackFolder, stackFolders } from '../stack/folders';
import { readReport } from '../stack/report';
import { requestFaults } from './request';

type Say = (line: string) => void;

/** A fault as the control port shows it. */
interface ListedFault {
  readonly id: string;
  readonly strikes: number;
  readonly kind: string;
}

/**
 * Does what the words after `cutover local fault` ask for.
 * @throws {Error} of one sentence when it can't be done
 */
export async function runFaultCommand(words: readonly string[], say: Say): Promise<void> {
  const program = new Command('cutover local fault').description(
    'Lets the local AWS fail on demand: sets a fault, lists those that are set, or takes them back.',
  );
  listCommand(program, say);
  clearCommand(program, say);
  for (const option of faultSchema.options) faultCommand(program, describeKind(option), say);
  await program.parseAsync(words.length === 0 ? ['--help'] : [...words], { from: 'user' });
}

function listCommand(program: Command, say: Say): void {
  inFolder(program.command('list').description('Lists the faults that are set, and how often each struck.')).action(
    async ({ dir }: Target) => {
      const faults = await call<readonly ListedFault[]>(dir, 'GET', '/faults');
      if (faults.length === 0) say('No fault is set.');
      for (const fault of faults) say(describeFault(fault));
    },
  );
}

function clearCommand(program: Command, say: Say): void {
  inFolder(program.command('clear').description('Takes a fault back, or all.').argument('[id]')).action(
    async (id: string | undefined, { dir }: Target) => {
      await call(dir, 'DELETE', id === undefined ? '/faults' : `/faults/${id}`);
      say(id === undefined ? 'No fault is set any more.' : `Fault ${id} is taken back.`);
    },
  );
}

function faultCommand(program: Command, { kind, description, settings }: FaultKindDescription, say: Say): void {
  const name = kebabCase(kind);
  const command = program.command(name).description(description);
  if (name !== kind) command.alias(kind);
  for (const setting of settings) command.addOption(optionOf(setting));
  inFolder(command).action(async ({ dir, ...fault }: Target) => {
    say(describeFault(await call(dir, 'POST', '/faults', { kind, ...fault })));
  });
}

interface Target {
  readonly dir: string;
}

function inFolder(command: Command): Command {
  return command.option('--dir <folder>', "the stack's folder", defaultStackFolder);
}

async function call<Answer>(folder: string, method: string, path: string, body?: object): Promise<Answer> {
  const { aws } = await readReport(stackFolders(folder).report);
  return (await requestFaults(`${aws.control}${path}`, method, body)) as Answer;
}

function describeFault({ id, kind, strikes, ...settings }: ListedFault): string {
  const words = Object.entries(settings).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [`${id}`, kind, ...words, `struck ${strikes} times`].join('  ');
}

interface Setting {
  readonly name: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly required: boolean;
}

interface FaultKindDescription {
  readonly kind: string;
  readonly description: string;
  readonly settings: readonly Setting[];
}

function describeKind(schema: (typeof faultSchema.options)[number]): FaultKindDescription {
  const { description = '', properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  const settings = Object.entries(properties)
    .filter(([name]) => name !== 'kind')
    .map(([name, property]) => ({
      ...(property as Omit<Setting, 'name' | 'required'>),
      name,
      required: required.includes(name),
    }));
  return { kind: schema.shape.kind.value, description, settings };
}

/** A default is shown in the help but not sent: the control port fills it in. */
function optionOf({ name, type, enum: choices, description = '', required, ...setting }: Setting): Option {
  const flag = kebabCase(name);
  if (type === 'boolean') return new Option(`--no-${flag}`, `${description}: no`);
  const shown = setting.default === undefined ? '' : ` (default: ${JSON.stringify(setting.default)})`;
  const option = new Option(`--${flag} <${type === 'string' ? name : (type ?? 'value')}>`, `${description}${shown}`);
  if (choices !== undefined) option.choices(choices);
  if (type === 'number' || type === 'integer') option.argParser(parseNumber);
  return option.makeOptionMandatory(required);
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('Expected a number.');
  return number;
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
