/** `cutover completion`: a script that makes a shell complete commands and options. It is made from the command line itself. */
import type { Command } from 'commander';
import { Refused } from '../errors';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

interface CommandWords {
  /** `''` for the program itself, else e.g. `local demo`. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly { readonly flag: string; readonly description: string }[];
}

/** @throws {Refused} for another shell */
export function completionScript(shell: string, program: Command): string {
  if (!shells.includes(shell as Shell)) throw new Refused(`There is no completion for ${shell}: ${shells.join(', ')}.`);
  return scripts[shell as Shell](wordsOf(program, ''));
}

function wordsOf(command: Command, path: string): CommandWords[] {
  const visible = command.createHelp().visibleCommands(command);
  const own: CommandWords = {
    path,
    commands: visible.map((one) => ({ name: one.name(), description: one.description() })),
    options: command
      .createHelp()
      .visibleOptions(command)
      .flatMap(({ long, description }) => (long ? [{ flag: long, description }] : [])),
  };
  const below = visible.filter((one) => one.name() !== 'help');
  return [own, ...below.flatMap((one) => wordsOf(one, path === '' ? one.name() : `${path} ${one.name()}`))];
}

const wordList = ({ commands, options }: CommandWords) =>
  [...commands.map(({ name }) => name), ...options.map(({ flag }) => flag)].join(' ');

/** The words before the cursor that are commands make the path; its words are offered. */
const bash = (words: readonly CommandWords[]): string => `_cutover() {
  local path="" word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "\${path:+$path }$word" in
      ${words.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`])).join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${words.map((one) => `    '${one.path}') word='${wordList(one)}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$word" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _cutover cutover
`;

const zsh = (words: readonly CommandWords[]): string => `#compdef cutover
autoload -U +X bashcompinit && bashcompinit
${bash(words)}`;

const quoted = (text: string) => `'${text.replace(/[\\']/g, String.raw`\$&`)}'`;

function fish(words: readonly CommandWords[]): string {
  const lines = words.flatMap(({ path, commands, options }) => {
    const names = path.split(' ').filter((name) => name !== '');
    const siblings = commands.map(({ name }) => name).join(' ');
    const seen = names.map((name) => `__fish_seen_subcommand_from ${name}`);
    const fresh = siblings === '' ? [] : [`not __fish_seen_subcommand_from ${siblings}`];
    const when = quoted([...seen, ...fresh].join('; and ') || 'true');
    const optionWhen = quoted(seen.join('; and ') || '__fish_use_subcommand');
    return [
      ...commands.map(
        ({ name, description }) => `complete -c cutover -n ${when} -f -a ${name} -d ${quoted(description)}`,
      ),
      ...options.map(
        ({ flag, description }) => `complete -c cutover -n ${optionWhen} -l ${flag.slice(2)} -d ${quoted(description)}`,
      ),
    ];
  });
  return `${lines.join('\n')}\n`;
}

const scripts: Readonly<Record<Shell, (words: readonly CommandWords[]) => string>> = { bash, zsh, fish };
