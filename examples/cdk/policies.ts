/** The policies of docs/operations/policies, as they are: only their placeholders are filled in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, names } from './environment';

// This file runs from build/.
const folder = join(__dirname, '..', '..', '..', 'docs', 'operations', 'policies');

/** What the placeholders stand for here; docs/operations/permissions.md explains them. */
const placeholders: Readonly<Record<string, string>> = {
  PARTITION: 'aws',
  REGION: environment.region,
  ACCOUNT: environment.account,
  CLUSTER: names.cluster,
  LOAD_BALANCER: names.loadBalancer,
  LOG_GROUP: names.logGroup,
  EXECUTION_ROLE: names.executionRole,
  TASK_ROLE: names.taskRole,
  SECRETS: names.secrets,
};

interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly { readonly Sid: string }[];
}

/**
 * A policy by its file's name, without the statements that `without` names by their Sid.
 * @throws {Error} when there is no such file
 */
export function policy(name: string, without: readonly string[] = []): PolicyDocument {
  const text = readFileSync(join(folder, `${name}.json`), 'utf8');
  const filled = text.replaceAll(/\b[A-Z]+(?:_[A-Z]+)*\b/g, (word) => placeholders[word] ?? word);
  const { Version, Statement } = JSON.parse(filled) as PolicyDocument;
  return { Version, Statement: Statement.filter(({ Sid }) => !without.includes(Sid)) };
}
