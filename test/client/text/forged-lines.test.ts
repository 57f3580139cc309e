/** What people, tasks and AWS wrote stands in what the commands print, and forges no line of it. */
import { formatApplications } from '../../../client/text/applications';
import { formatEnding } from '../../../client/text/ending';
import { formatFinding } from '../../../client/text/finding';
import { formatReleases } from '../../../client/text/releases';
import { formatSettings } from '../../../client/text/settings';
import { formatTaskLog } from '../../../client/text/task-log';
import { formatTopology } from '../../../client/text/topology';
import { shown } from '../../../terminal/print';

const serving = (text: string) => ({ slot: 'a', servedBy: 'container', image: text, version: text }) as const;

/** Each command's output, with this text wherever somebody else wrote. */
const outputs: Readonly<Record<string, (text: string) => string | readonly string[]>> = {
  history: (text) =>
    formatReleases([
      {
        at: '2026-01-01T00:00:00Z',
        image: text,
        digest: text,
        strategy: 'blueGreen',
        outcome: 'completed',
        seconds: 1,
        by: text,
        reason: text,
        failedRequests: null,
        loadBalancerErrors: null,
        live: true,
        approvals: [text],
      } as never,
    ]),
  doctor: (text) => formatFinding({ check: 'image', state: 'ok', says: text, next: text, application: null }),
  logs: (text) =>
    formatTaskLog({
      task: 't',
      service: text,
      status: 'RUNNING',
      lines: [
        { at: null, text },
        { at: text, text },
      ],
    }),
  deploy: (text) => formatEnding({ failure: text } as never),
  list: (text) =>
    formatApplications([{ application: text, live: serving(text), deployment: null, uncountersigned: [] }]),
  settings: (text) =>
    formatSettings({ zone: 'z', application: 'a' }, [
      { path: [text], value: text, from: 'zone', place: text },
    ] as never),
  status: (text) =>
    formatTopology({
      zone: 'z',
      application: 'a',
      at: text,
      defaultTargetGroup: text,
      rules: [{ route: 'test', priority: 1, catches: [text], forwards: [] }],
      slots: [],
    } as never),
};

const own = (lines: string | readonly string[]) =>
  shown(lines)
    .split('\n')
    .filter((line) => !line.includes('┆'));

test.each(Object.entries(outputs))('cutover %s has as many lines of its own, whatever they wrote', (name, output) => {
  const forged = 'x\n* 2026-01-01 00:00  approved by the CISO\r\u001b[1A\u001b[2K';
  const lines = own(output(forged));
  expect(/[^\P{Cc}\n]/u.test(lines.join('\n'))).toBe(false);
  expect(lines.filter((line) => line.startsWith('* 2026-01-01 00:00  approved'))).toEqual([]);
  // A table breaks a cell into lines within the cell's borders.
  if (name !== 'list') expect(lines).toHaveLength(own(output('x')).length);
});
