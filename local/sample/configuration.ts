/**
 * Reads an application's `App.config`, the .NET file that the platform writes and a container mounts. Part of the sample
 * bundles: nothing but Node's own modules may be imported here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The value of a key in a folder's `App.config`; empty without folder, file or key. */
export function readConfiguration(folder: string, key: string): string {
  const name = existsSync(folder) ? readdirSync(folder).find((each) => each.toLowerCase() === 'app.config') : undefined;
  return name === undefined ? '' : (appSetting(readFileSync(join(folder, name), 'utf8'), key) ?? '');
}

/**
 * The value of one `<add key= value=/>` in an App.config's `<appSettings>`. Keys compare without case, as .NET compares them.
 * https://learn.microsoft.com/dotnet/framework/configure-apps/file-schema/appsettings/
 */
export function appSetting(xml: string, key: string): string | undefined {
  const settings = /<appSettings\b[^>]*>([\s\S]*?)<\/appSettings>/.exec(xml.replace(/<!--[\s\S]*?-->/g, ''))?.[1] ?? '';
  const added = [...settings.matchAll(/<add\b((?:[^>"']|"[^"]*"|'[^']*')*)>/g)].map(([, attributes = '']) => ({
    key: attribute(attributes, 'key'),
    value: attribute(attributes, 'value'),
  }));
  return added.findLast((each) => each.key?.toLowerCase() === key.toLowerCase())?.value;
}

function attribute(text: string, name: string): string | undefined {
  const quoted = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(text);
  const value = quoted?.[1] ?? quoted?.[2];
  return value?.replace(
    /&(#x[0-9a-f]+|#\d+|lt|gt|quot|apos|amp);/gi,
    (whole, entity: string) => character(entity) ?? whole,
  );
}

function character(entity: string): string | undefined {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  if (!entity.startsWith('#')) return named[entity.toLowerCase()];
  const code = /^#x/i.test(entity) ? parseInt(entity.slice(2), 16) : parseInt(entity.slice(1), 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
