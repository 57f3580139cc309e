/**
 * A rule's conditions as one function of a request. All conditions have to hold; one holds if any of its values matches.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 *
 * Paths and methods are case-sensitive; hosts, header values and query strings aren't, and neither are regular expressions for
 * hosts and headers. An unknown kind of condition matches nothing: better no answer than a wrong one.
 */
import type { QueryStringKeyValuePair, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { blockMatcher } from '../listening/addresses';
import type { RequestFacts } from '../listening/request-facts';
import { anyMatcher, wildcardMatcher } from './patterns';

export type RequestMatcher = (request: RequestFacts) => boolean;

export function conditionsMatcher(conditions: readonly RuleCondition[]): RequestMatcher {
  const matchers = conditions.map(conditionMatcher);
  const [only] = matchers;
  if (matchers.length === 1 && only !== undefined) return only;
  return (request) => matchers.every((matches) => matches(request));
}

function conditionMatcher(condition: RuleCondition): RequestMatcher {
  switch (condition.Field) {
    case 'path-pattern':
      return pathMatcher(condition);
    case 'host-header':
      return hostMatcher(condition);
    case 'http-header':
      return headerMatcher(condition);
    case 'http-request-method': {
      const methods = new Set(condition.HttpRequestMethodConfig?.Values ?? condition.Values);
      return (request) => methods.has(request.method);
    }
    case 'query-string':
      return queryMatcher(condition.QueryStringConfig?.Values ?? []);
    case 'source-ip': {
      const within = blockMatcher(condition.SourceIpConfig?.Values ?? condition.Values ?? []);
      return (request) => within(request.sourceAddress);
    }
    default:
      return () => false;
  }
}

function pathMatcher({ PathPatternConfig: config, Values, RegexValues }: RuleCondition): RequestMatcher {
  const matches = anyMatcher(config?.Values ?? Values, config?.RegexValues ?? RegexValues, 'caseSensitive');
  return (request) => matches(request.path);
}

function hostMatcher({ HostHeaderConfig: config, Values, RegexValues }: RuleCondition): RequestMatcher {
  const matches = anyMatcher(config?.Values ?? Values, config?.RegexValues ?? RegexValues, 'ignoreCase');
  return (request) => matches(request.host);
}

function headerMatcher({ HttpHeaderConfig: config, RegexValues }: RuleCondition): RequestMatcher {
  const name = (config?.HttpHeaderName ?? '').toLowerCase();
  const matches = anyMatcher(config?.Values, config?.RegexValues ?? RegexValues, 'ignoreCase');
  return (request) => {
    const value = request.header(name);
    return value !== undefined && matches(value);
  };
}

/** A pair without a key matches the value of any parameter. */
function queryMatcher(pairs: readonly QueryStringKeyValuePair[]): RequestMatcher {
  const matchers = pairs.map(({ Key, Value }) => {
    const keyMatches = Key === undefined ? () => true : wildcardMatcher(Key, 'ignoreCase');
    const valueMatches = wildcardMatcher(Value ?? '*', 'ignoreCase');
    return ([key, value]: readonly [string, string]) => keyMatches(key) && valueMatches(value);
  });
  return (request) => {
    const parameters = queryParameters(request.query);
    return matchers.some((matches) => parameters.some(matches));
  };
}

function queryParameters(query: string): (readonly [string, string])[] {
  return query.split('&').map((parameter) => {
    const equals = parameter.indexOf('=');
    return equals === -1 ? [parameter, ''] : [parameter.slice(0, equals), parameter.slice(equals + 1)];
  });
}
