/**
 * The worker's permissions in a stack: the documented policies, with their placeholders filled in as docs/set-it-up.md tells a user
 * to. The local AWS holds the worker to them.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AwsOptions } from '../../packages/local-aws/src/control-plane';
import { commandLine } from './command-line';

/** What the placeholders of `docs/operations/policies` stand for. */
export type Placeholders = Readonly<Record<string, string>>;

/** The names of what a stack makes, as docs/operations/permissions.md explains them. */
export const stackPlaceholders = (region: string, name: string): Placeholders => ({
  PARTITION: 'aws',
  REGION: region,
  ACCOUNT: '000000000000',
  CLUSTER: name,
  // A zone may have others beside its own, named like it.
  LOAD_BALANCER: `${name}*`,
  LOG_GROUP: name,
  EXECUTION_ROLE: `${name}-execution`,
  TASK_ROLE: `${name}-task`,
  VOLUME_ROLE: `${name}-volumes`,
});

/** A role of the stack, by what it is for. */
export const stackRole = (name: string, use: 'execution' | 'task' | 'volumes'): string =>
  `arn:aws:iam::000000000000:role/${name}-${use}`;

/** What the access key of the worker may do. A stack's applications may be adopted from other tools, with volumes, so that is among it. */
export function workerIdentities(accessKeyId: string, placeholders: Placeholders): AwsOptions['identities'] {
  const policies = ['worker', 'worker-deleting-adopted', 'worker-volumes'].map((name) =>
    filledPolicy(name, placeholders),
  );
  return { users: { [accessKeyId]: { name: 'cutover-worker', policies } } };
}

/** @throws {Error} when the policy isn't among the documents */
function filledPolicy(name: string, placeholders: Placeholders) {
  const file = join(dirname(dirname(commandLine())), 'docs', 'operations', 'policies', `${name}.json`);
  return JSON.parse(fill(readFileSync(file, 'utf8'), placeholders)) as never;
}

/** Whole words alone: one placeholder may be the end of another. */
export const fill = (text: string, placeholders: Placeholders): string =>
  text.replaceAll(/\b[A-Z]+(?:_[A-Z]+)*\b/g, (word) => placeholders[word] ?? word);
