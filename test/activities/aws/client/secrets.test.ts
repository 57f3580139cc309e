/** Secrets of listener rules: AWS gets them, and nothing that an activity reads has them. */
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { withSecrets } from '../../../../activities/aws/client/secrets';

const file = join(mkdtempSync(join(tmpdir(), 'secrets-')), 'origin');
const standIn = `\${file:${file}}`;
const conditionsOf = (value: string) => [
  { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x-origin-verify', Values: [value] } },
];

/** A load balancer with one rule, whose header has this value; it keeps what was sent. */
function balancer(value: string) {
  const sent: unknown[] = [];
  const client = new ElasticLoadBalancingV2Client({ region: 'eu-west-1' });
  withSecrets(client, () => [{ header: 'X-Origin-Verify', values: [standIn, '${env:NOT_THERE}'] }]);
  client.middlewareStack.add(
    () => (args) => {
      sent.push(args.input);
      if (JSON.stringify(args.input).includes('refused')) throw new Error('refused is no value');
      return Promise.resolve({ response: {}, output: { $metadata: {}, Rules: [{ Conditions: conditionsOf(value) }] } });
    },
    { step: 'serialize', priority: 'high' },
  );
  const modify = async (one: string) =>
    await client.send(new ModifyRuleCommand({ RuleArn: 'arn', Conditions: conditionsOf(one) }));
  const read = async () => (await client.send(new DescribeRulesCommand({}))).Rules?.[0]?.Conditions;
  return { sent, modify, read };
}

test('a rule is written with the secret, and read with what stands for it', async () => {
  writeFileSync(file, 's3cret\n');
  const { sent, modify, read } = balancer('s3cret');
  await modify(standIn);
  expect(sent).toEqual([{ RuleArn: 'arn', Conditions: conditionsOf('s3cret') }]);
  expect(await read()).toEqual(conditionsOf(standIn));
});

test('what a rule had before the secret changed is hidden too, and a rollback can bring it back', async () => {
  writeFileSync(file, 's3cret');
  const { sent, modify, read } = balancer('0lder');
  const found = await read();
  expect(found).toEqual(conditionsOf(`\${earlier:${createHash('sha256').update('0lder').digest('hex').slice(0, 12)}}`));
  await modify(found?.[0]?.HttpHeaderConfig?.Values?.[0] ?? '');
  expect(sent.at(-1)).toEqual({ RuleArn: 'arn', Conditions: conditionsOf('0lder') });
});

test('an error of AWS that repeats the value doesn’t', async () => {
  writeFileSync(file, 'refused');
  await expect(balancer('x').modify(standIn)).rejects.toThrow('… is no value');
});

test.each(['${file:/etc/passwd}', '${env:PATH}'])(
  'what the settings name no secret for is read from nowhere, whoever asks to write %s into a rule',
  async (reference) => {
    const { sent, modify } = balancer('x');
    await expect(modify(reference)).rejects.toMatchObject({ type: 'SecretMissing' });
    expect(sent).toEqual([]);
  },
);

test('a secret that is missing is named by where it should be', async () => {
  await expect(balancer('x').modify('${env:NOT_THERE}')).rejects.toThrow(
    'The secret in the environment variable NOT_THERE is not there for this worker: put it there, then retry.',
  );
});
