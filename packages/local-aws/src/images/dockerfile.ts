/**
 * Reads a Dockerfile as far as the local builder supports it: one stage, all files copied at once, ENTRYPOINT and CMD in exec
 * form, ENV, WORKDIR, LABEL. Anything else is an error, so that what builds here means the same to Docker.
 * https://docs.docker.com/reference/dockerfile/
 */
import { parsePairs, parseExecForm } from './dockerfile-values';

export interface ImageConfiguration {
  readonly workingDirectory: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** As `FROM --platform=windows/amd64` says. Default `linux`. */
  readonly os?: string;
}

interface Instruction {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** @throws {Error} of one sentence, with the line, for what can't be parsed or isn't supported here */
export function parseDockerfile(text: string): ImageConfiguration {
  const instructions = instructionsOf(text);
  if (instructions[0]?.name !== 'FROM') throw new Error('The Dockerfile has to begin with FROM.');
  const configuration = instructions
    .slice(1)
    .reduce<ImageConfiguration>((before, instruction) => ({ ...before, ...effectOf(instruction, before) }), {
      workingDirectory: '/',
      entrypoint: [],
      command: [],
      environment: {},
      labels: {},
      ...osOf(instructions[0]),
    });
  if (configuration.entrypoint.length + configuration.command.length === 0) {
    throw new Error('The Dockerfile names nothing to run: it needs an ENTRYPOINT or a CMD in exec form, ["…", "…"].');
  }
  return configuration;
}

function osOf({ value }: Instruction): Pick<ImageConfiguration, 'os'> {
  const [, os] = /^--platform=([a-z]+)/.exec(value) ?? [];
  return os === undefined ? {} : { os };
}

function effectOf(instruction: Instruction, before: ImageConfiguration): Partial<ImageConfiguration> {
  const { name, value, line } = instruction;
  switch (name) {
    case 'ENV':
      return { environment: { ...before.environment, ...parsePairs(withoutVariables(instruction), line) } };
    case 'LABEL':
      return { labels: { ...before.labels, ...parsePairs(withoutVariables(instruction), line) } };
    case 'WORKDIR':
      return { workingDirectory: parseWorkingDirectory(instruction, before) };
    case 'COPY':
      return checkCopy(instruction, before);
    case 'ENTRYPOINT':
      return { entrypoint: parseExecForm(value, name, line), command: [] };
    case 'CMD':
      return { command: parseExecForm(value, name, line) };
    case 'EXPOSE':
      return {};
    case 'STOPSIGNAL':
      if (/^(SIGTERM|15)$/.test(value)) return {};
      throw new Error(`Dockerfile line ${line}: the local builder knows no stop signal but SIGTERM.`);
    default:
      throw cannot(instruction, 'does not do');
  }
}

/** An image's files are in one folder here, so all of them have to be copied at once, into the working directory. */
function checkCopy(instruction: Instruction, { workingDirectory }: ImageConfiguration): Partial<ImageConfiguration> {
  const [from, to, ...more] = instruction.value.split(/\s+/);
  const target = to === undefined ? '' : to.replace(/^\.\/?$/, workingDirectory).replace(/(?<=.)\/$/, '');
  if (/^\.\/?$/.test(from ?? '') && target === workingDirectory && more.length === 0) return {};
  throw cannot(instruction, `copies the whole bundle into WORKDIR only ("COPY . ."), so it can't do`);
}

function parseWorkingDirectory(instruction: Instruction, before: ImageConfiguration): string {
  const folder = withoutVariables(instruction);
  if (/^\/[^\s"']*$/.test(folder) && before.workingDirectory === '/') return folder.replace(/(?<=.)\/$/, '');
  throw cannot(instruction, 'takes one WORKDIR, an absolute path without blanks, not');
}

function withoutVariables(instruction: Instruction): string {
  if (!instruction.value.includes('$')) return instruction.value;
  throw cannot(instruction, 'replaces no variables, as they stand in');
}

function cannot({ name, value, line }: Instruction, what: string): Error {
  const text = `${name} ${value}`;
  return new Error(`Dockerfile line ${line}: the local builder ${what} "${text.slice(0, 80)}".`);
}

/** The instructions without comments and line continuations; `line` is the one on which an instruction begins. */
function instructionsOf(text: string): Instruction[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const escape = /^#\s*escape\s*=\s*(\S)/i.exec(lines[0] ?? '')?.[1] ?? '\\';
  const found: Instruction[] = [];
  let pending: { readonly line: number; readonly text: string } | undefined;
  for (const [index, raw] of lines.entries()) {
    if (/^\s*(#|$)/.test(raw)) continue;
    const continues = raw.trimEnd().endsWith(escape);
    const part = continues ? raw.trimEnd().slice(0, -1) : raw;
    pending = { line: pending?.line ?? index + 1, text: (pending?.text ?? '') + part };
    if (continues) continue;
    found.push(parseInstruction(pending.text.trim(), pending.line));
    pending = undefined;
  }
  if (pending !== undefined) found.push(parseInstruction(pending.text.trim(), pending.line));
  return found;
}

function parseInstruction(text: string, line: number): Instruction {
  const [, name = '', value = ''] = /^([A-Za-z]+)\s+([\s\S]*)$/.exec(text) ?? [];
  if (name === '') throw new Error(`Dockerfile line ${line}: "${text.slice(0, 80)}" is no instruction.`);
  return { name: name.toUpperCase(), value: value.trim(), line };
}
