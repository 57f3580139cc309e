/** The policies that the documentation gives, and what of them is needed: read off the code, and off what the suites called. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Decision } from '../../packages/local-aws/src/index';

const root = join(__dirname, '..', '..');

export interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Principal?: object;
  readonly Resource?: string | readonly string[];
  readonly Condition?: object;
}

export const policyNames = readdirSync(join(root, 'docs/operations/policies')).map((file) =>
  file.replace(/\.json$/, ''),
);

export const policy = (name: string): readonly Statement[] =>
  (
    JSON.parse(readFileSync(join(root, 'docs/operations/policies', `${name}.json`), 'utf8')) as {
      readonly Statement: readonly Statement[];
    }
  ).Statement;

export const actionsOf = (statements: readonly Statement[]): string[] =>
  [...new Set(statements.flatMap(({ Action }) => Action))].toSorted();

/** Whoever has credentials may ask who he is. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const needNoPermission: readonly string[] = ['sts:GetCallerIdentity'];

/** What no call of the end-to-end suites needs on the local AWS, and what it is there for. */
const explained: Readonly<Record<string, string>> = {};

/** Each action of each statement, as `Sid action`, that no call has needed: without it each would have been allowed as well. */
export function unneeded(statements: readonly Statement[], decisions: readonly Decision[]): string[] {
  const sids = new Set(statements.map(({ Sid }) => Sid));
  const needed = decisions.flatMap(({ action, by = [] }) => {
    const own = by.filter((sid) => sids.has(sid));
    return own.length === 1 ? [`${own[0]} ${action}`] : [];
  });
  const listed = statements.flatMap(({ Sid, Action }) => Action.map((action) => `${Sid} ${action}`));
  return listed.filter((one) => !needed.includes(one) && explained[one] === undefined);
}

/** What AWS asks for beside an operation's own action, because of what is passed to it. */
const neededBeside: Readonly<Record<string, readonly string[]>> = {
  // Tags at a creation. https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
  'elasticloadbalancing:CreateRule': ['elasticloadbalancing:AddTags'],
  'elasticloadbalancing:CreateTargetGroup': ['elasticloadbalancing:AddTags'],
  // https://docs.aws.amazon.com/autoscaling/application/userguide/resource-tagging-support.html
  'application-autoscaling:RegisterScalableTarget': ['application-autoscaling:TagResource'],
  // The task's two roles. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_id-based-policy-examples.html
  'ecs:RegisterTaskDefinition': ['iam:PassRole', 'ecs:TagResource'],
};

/** CloudWatch's requests are signed for a service of another name than its actions have, and objects are listed by another one. */
const actionOf = (operation: string): string =>
  operation.replace(/^monitoring:/, 'cloudwatch:').replace('s3:ListObjectsV2', 's3:ListBucket');

/** The actions that the worker needs for these operations. */
export const neededFor = (operations: readonly string[]): string[] => [
  ...new Set(
    operations
      .map(actionOf)
      .flatMap((operation) => [operation, ...(neededBeside[operation] ?? [])])
      .filter((action) => !needNoPermission.includes(action)),
  ),
];

const services: Readonly<Record<string, string>> = {
  'client-ec2': 'ec2',
  'client-ecs': 'ecs',
  'client-elastic-load-balancing-v2': 'elasticloadbalancing',
  'client-ecr': 'ecr',
  'client-cloudwatch-logs': 'logs',
  'client-cloudwatch': 'cloudwatch',
  'client-application-auto-scaling': 'application-autoscaling',
  'client-sts': 'sts',
  'client-s3': 's3',
  'client-sns': 'sns',
  'client-eventbridge': 'events',
  'client-kms': 'kms',
};

/**
 * Every operation that the activities can call, or those of one folder of theirs, or what is called for the codec: the commands and
 * paginators that they import from the SDK.
 */
export function operationsInCode(below?: 'audit' | 'news' | 'codec'): string[] {
  const folder = join(root, below === 'codec' ? 'temporal' : 'activities');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && (below === 'codec' || /^(audit|news)\b/.exec(file)?.[1] === below),
  );
  const found = files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return [...text.matchAll(/(?:import|const) \{([^}]*)\} (?:from |= await import\()'@aws-sdk\/([\w-]+)'/g)].flatMap(
      ([, names = '', client = '']) =>
        names.split(',').flatMap((name) => {
          const operation = /^(?:paginate(\w+)|([A-Z]\w+)Command)$/.exec(name.trim());
          return operation === null ? [] : [`${services[client] ?? client}:${operation[1] ?? operation[2]}`];
        }),
    );
  });
  return [...new Set(found)].toSorted();
}
