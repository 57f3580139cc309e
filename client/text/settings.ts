/** The settings that hold for an application, a line each: the setting, its value, and where it comes from. */
import type { HoldingSetting } from '../../settings/applications/holding';
import type { Target } from '../target';

export function formatSettings({ zone, application }: Target, settings: readonly HoldingSetting[]): string[] {
  const rows = settings.map(({ path, value, from, place }) => [
    path.join('.'),
    typeof value === 'string' ? value : JSON.stringify(value),
    place === null ? 'default' : `${place}, ${from === 'zone' ? `zone ${zone}` : application}`,
  ]);
  const widths = [0, 1].map((column) => Math.min(48, Math.max(0, ...rows.map((row) => row[column]?.length ?? 0))));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}
