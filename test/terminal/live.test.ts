/** The picture that stays in its place in a terminal. */
import { canDraw, openLive } from '../../terminal/live';

const escape = String.fromCharCode(0x1b);

function terminal(columns: number, rows: number) {
  let written = '';
  const write = (text: string) => ((written += text), true);
  return { live: openLive({ isTTY: true, columns, rows, write } as never), written: () => written };
}

test('it is drawn over what it drew before, and what is said stays above it', () => {
  const { live, written } = terminal(80, 24);
  live.draw(['one', 'two']);
  live.draw(['one', 'two']);
  live.say('kept');
  live.draw(['three']);
  const parts = written().split(`${escape}[2A\r${escape}[J`);
  expect(parts).toHaveLength(3);
  expect(parts[0]).toContain('one\ntwo\n');
  expect(parts[1]).toContain('kept\none\ntwo\n');
  expect(parts[2]).toContain('three\n');
});

test('nothing wraps or scrolls, for that could not be drawn over; colours take no room', () => {
  const { live, written } = terminal(12, 4);
  live.draw([`${escape}[32m${'x'.repeat(10)}${escape}[39m${'y'.repeat(10)}`, 'a', 'b', 'c', 'd', 'e']);
  expect(written()).toContain(`${escape}[32mxxxxxxxxxx${escape}[39m…\na\n… 4 more lines\n`);
});

test('what others wrote moves no cursor', () => {
  const { live, written } = terminal(80, 24);
  live.draw([`name${escape}[2J`]);
  expect(written()).toContain(String.raw`name\u001b[2J`);
});

test('a log, CI, NO_COLOR and a dumb terminal get lines', () => {
  expect(canDraw({ TERM: 'xterm' }, { isTTY: true })).toBe(true);
  for (const environment of [{ CI: 'true' }, { NO_COLOR: '1' }, { TERM: 'dumb' }])
    expect(canDraw(environment, { isTTY: true })).toBe(false);
  expect(canDraw({}, { isTTY: false })).toBe(false);
});
