/** The configurations that the platform writes: an application's `App.config` in the folder that it shares. */
import { join } from 'node:path';
import { writeWhole } from '../../packages/local-aws/src/index';
import type { InstalledApplication } from './applications';

/** Writes an application's `App.config` into its folder, `<key>/App.config`, whole. */
export async function writeConfiguration(
  configFolder: string,
  { key, configuration = {} }: Pick<InstalledApplication, 'key' | 'configuration'>,
): Promise<void> {
  const settings = Object.entries(configuration).map(
    ([name, value]) => `    <add key="${escaped(name)}" value="${escaped(value)}" />\n`,
  );
  const text = `<?xml version="1.0" encoding="utf-8"?>\n<configuration>\n  <appSettings>\n${settings.join('')}  </appSettings>\n</configuration>\n`;
  await writeWhole(join(configFolder, key, 'App.config'), text);
}

/**
 * Reads words of the form `Name=value`.
 * @throws {Error} of one sentence for a word of another form
 */
export function parseConfiguration(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
      if (name === undefined || value === undefined) throw new Error(`"${word}" is no setting: expected NAME=VALUE.`);
      return [name, value];
    }),
  );
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
