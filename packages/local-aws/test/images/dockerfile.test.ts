import { parseDockerfile } from '../../src/images/dockerfile';

test.each([
  ['nothing to run', 'FROM a', /names nothing to run/],
  ['a shell-form ENTRYPOINT', 'FROM a\nENTRYPOINT node main.js', /line 2: ENTRYPOINT has to be in exec form/],
  [
    'a command run at build time',
    'FROM a\n\nRUN npm ci\nCMD ["a"]',
    /line 3: the local builder does not do "RUN npm ci"/,
  ],
  ['a second stage', 'FROM a AS build\nFROM b\nCMD ["a"]', /line 2/],
  ['part of the bundle copied', 'FROM a\nWORKDIR /app\nCOPY modules .\nCMD ["a"]', /line 3.*whole bundle/],
  ['files copied elsewhere', 'FROM a\nWORKDIR /app\nCOPY . /srv\nCMD ["a"]', /line 3/],
  ['a variable', 'FROM a\nENV A=1 B=$A\nCMD ["a"]', /line 2.*variables/],
  ['a user', 'FROM a\nUSER app\nCMD ["a"]', /line 2/],
  ['no FROM', 'CMD ["a"]', /begin with FROM/],
  ['something else', 'FROM a\n\u0000\u0001', /line 2.*no instruction/],
  ['a pair without a value', 'FROM a\nENV A\nCMD ["a"]', /line 2: expected NAME=value/],
])('a Dockerfile with %s is refused, with the line', (_what, text, message) => {
  expect(() => parseDockerfile(text)).toThrow(message);
});

test('what Docker would make of it is what is read', () => {
  const text = [
    '\uFEFF# syntax=docker/dockerfile:1',
    'from node:22-slim',
    'WORKDIR /app/',
    'copy ./ /app',
    'LABEL a=b \\',
    '  # a comment in between',
    '  "c d"="e f"',
    'ENV GREETING Hello there',
    `ENV ONE='its' TWO=a\\ b THREE="say \\"hi\\""`,
    'EXPOSE 8080',
    'CMD ["never", "seen"]',
    'ENTRYPOINT [ "node", "main.js" ]',
    'CMD ["--fast"]',
  ].join('\r\n');
  expect(parseDockerfile(text)).toEqual({
    workingDirectory: '/app',
    entrypoint: ['node', 'main.js'],
    command: ['--fast'],
    environment: { GREETING: 'Hello there', ONE: 'its', TWO: 'a b', THREE: 'say "hi"' },
    labels: { a: 'b', 'c d': 'e f' },
  });
});
