import { appSetting } from '../../../local/sample/configuration';

const wrapped = (settings: string): string =>
  `<?xml version="1.0"?>\n<configuration>\n  <appSettings file="x">\n${settings}\n  </appSettings>\n</configuration>`;

test.each([
  ['a key that is not there', '<add key="Other" value="x" />', undefined],
  ['a comment', '<!-- <add key="Greeting" value="x" /> -->', undefined],
  ['a value that only looks like a key', `<add key="A" value='key="Greeting"' />`, undefined],
  ['an empty value', '<add key="Greeting" value="" />', ''],
  ['attributes the other way round, other quotes', `<add  value = 'a "b" > c'\n key='Greeting' ></add>`, 'a "b" > c'],
  ['entities', '<add key="Greeting" value="&lt;&#65;&#x42;&amp;amp;" />', '<AB&amp;'],
  ['two of them', '<add key="Greeting" value="1"/><add key="GREETING" value="2"/>', '2'],
])('an App.config with %s', (_what, settings, expected) => {
  expect(appSetting(wrapped(settings), 'Greeting')).toBe(expected);
});

test('what stands outside appSettings does not count', () => {
  expect(appSetting('<configuration><add key="Greeting" value="x"/></configuration>', 'Greeting')).toBeUndefined();
});
