/**
 * The conditions and transforms of rules, checked and brought into one form.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
import type { RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { fail } from '../../protocol/errors';
import { invalid } from '../elbv2';
import { quotas } from '../quotas';
import { checkRegex } from './regex';

/** What a condition matches. A host or path may be given in the older member `Values`, and is described in both members. */
interface Matches {
  readonly values: readonly string[];
  readonly regexValues: readonly string[];
}

const once = ['path-pattern', 'host-header', 'http-request-method', 'source-ip'];
const fields = [...once, 'http-header', 'query-string'];

/** @throws {AwsError} with code `ValidationError`, for a quota that is exceeded too */
export function parseConditions(conditions: readonly RuleCondition[]): RuleCondition[] {
  if (conditions.length === 0) invalid('A condition must be specified');
  for (const field of once) {
    if (conditions.filter(({ Field }) => Field === field).length > 1) {
      invalid(`A rule can only have one '${field}' condition`);
    }
  }
  const matches = conditions.map(matchesOf);
  const all = matches.flatMap(({ values, regexValues }) => [...values, ...regexValues]);
  if (all.length > quotas.conditionValuesPerRule) {
    invalid(`A rule can only have '${quotas.conditionValuesPerRule}' condition values`);
  }
  const wildcards =
    matches
      .flatMap(({ values }) => values)
      .join('')
      .match(/[*?]/g)?.length ?? 0;
  if (wildcards > quotas.wildcardsPerRule)
    invalid(`A rule can only have '${quotas.wildcardsPerRule}' condition wildcards`);
  return conditions.map((condition, index) =>
    parseCondition(condition, matches[index] ?? { values: [], regexValues: [] }),
  );
}

/**
 * There is at most one transform of each type.
 * @throws {AwsError} with code `ValidationError`
 */
export function parseTransforms(transforms: readonly RuleTransform[]): RuleTransform[] {
  const types = transforms.map(({ Type }) => Type ?? '');
  if (new Set(types).size < types.length)
    fail('InvalidConfigurationRequestException', 'A rule can only have one transform of each type');
  for (const transform of transforms) {
    const config = transform.Type === 'url-rewrite' ? transform.UrlRewriteConfig : transform.HostHeaderRewriteConfig;
    const rewrites = config?.Rewrites ?? [];
    if (rewrites.length !== 1) invalid(`A transform of type '${transform.Type}' must have one rewrite`);
    for (const { Regex: regex = '', Replace: replace = '' } of rewrites) {
      checkRegex(regex, 1024);
      if (replace.length > 1024) invalid(`The replacement '${replace}' cannot be longer than '1024' characters`);
    }
  }
  return [...transforms];
}

function matchesOf(condition: RuleCondition): Matches {
  const { Field: field = '', Values: older = [] } = condition;
  if (!fields.includes(field)) invalid(`Condition field '${field}' must be one of '[${fields.join(', ')}]'`);
  if (older.length > 0 && field !== 'path-pattern' && field !== 'host-header') {
    invalid(`Values cannot be specified for a condition of the field '${field}'`);
  }
  const { values, regexValues } = configured(condition);
  if (older.length > 0 && values.length > 0 && older.join('\n') !== values.join('\n')) {
    invalid('You cannot specify both Values and a condition configuration');
  }
  const matches = { values: values.length > 0 ? values : older, regexValues };
  const count = matches.values.length + matches.regexValues.length;
  if (count === 0) invalid('A condition value must be specified');
  if (matches.values.length > 0 && regexValues.length > 0)
    invalid('You cannot specify both Values and RegexValues in a condition');
  if (count > quotas.matchEvaluationsPerCondition) {
    invalid(`A condition can only have '${quotas.matchEvaluationsPerCondition}' match evaluations`);
  }
  for (const value of matches.values) checkValue(field, value);
  for (const value of regexValues) checkRegex(value, 128);
  return matches;
}

function configured(condition: RuleCondition): Matches {
  if (condition.Field === 'query-string') {
    const pairs = condition.QueryStringConfig?.Values ?? [];
    return {
      values: pairs.map(({ Key, Value }) => (Key === undefined ? (Value ?? '') : `${Key}=${Value}`)),
      regexValues: [],
    };
  }
  if (condition.Field === 'http-header') checkHeaderName(condition.HttpHeaderConfig?.HttpHeaderName ?? '');
  const config: { Values?: string[] | undefined; RegexValues?: string[] | undefined } =
    condition.PathPatternConfig ??
    condition.HostHeaderConfig ??
    condition.HttpHeaderConfig ??
    condition.HttpRequestMethodConfig ??
    condition.SourceIpConfig ??
    {};
  return { values: config.Values ?? [], regexValues: config.RegexValues ?? [] };
}

function checkHeaderName(name: string): void {
  if (name.length > 40 || !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || /[*?]/.test(name)) {
    invalid(`Condition HTTP header name '${name}' is not valid`);
  }
  if (/^host$/i.test(name)) invalid("Condition HTTP header name cannot be 'Host': use a host-header condition");
}

const allowed: Readonly<Record<string, RegExp>> = {
  'path-pattern': /^[A-Za-z0-9_.$/~"'@:+&*?-]+$/,
  'host-header': /^[A-Za-z0-9.*?-]*\.[A-Za-z*?]+$/,
  'http-request-method': /^[A-Z_-]{1,40}$/,
  'source-ip': /^(\d{1,3}(\.\d{1,3}){3}\/\d{1,2}|[0-9A-Fa-f:]+\/\d{1,3})$/,
};

function checkValue(field: string, value: string): void {
  if (value.length > 128) invalid(`Condition value '${value}' cannot be longer than '128' characters`);
  if (value === '' || !(allowed[field]?.test(value) ?? true)) {
    invalid(`Condition value '${value}' for the field '${field}' contains a character that is not valid`);
  }
}

function parseCondition(condition: RuleCondition, { values, regexValues }: Matches): RuleCondition {
  const field = condition.Field;
  if (field !== 'path-pattern' && field !== 'host-header') return { ...condition, Values: [] };
  const config = regexValues.length > 0 ? { RegexValues: [...regexValues] } : { Values: [...values] };
  const both = { Field: field, Values: [...values] };
  return field === 'path-pattern' ? { ...both, PathPatternConfig: config } : { ...both, HostHeaderConfig: config };
}
