/**
 * A rule's transforms: what the target gets instead of the client's URL and host.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
 *
 * They don't affect which rule matches. If a transform doesn't match, the request goes on as it came.
 */
import type { RewriteConfig, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { compileRegex } from './patterns';

export interface Rewritten {
  /** Path and query. */
  readonly url: string;
  readonly host: string;
}

/** Returns undefined for a result that no request can have: then the client gets a 500. */
export type Rewrite = (original: Rewritten) => Rewritten | undefined;

/** Undefined when the rule has no transforms. */
export function ruleRewrite(transforms: readonly RuleTransform[]): Rewrite | undefined {
  if (transforms.length === 0) return undefined;
  const find = (type: RuleTransform['Type']) => transforms.find(({ Type }) => Type === type);
  const rewriteUrl = replacement(find('url-rewrite')?.UrlRewriteConfig?.Rewrites);
  const rewriteHost = replacement(find('host-header-rewrite')?.HostHeaderRewriteConfig?.Rewrites);
  return (original) => {
    const url = rewriteUrl(original.url);
    const host = rewriteHost(original.host);
    return /^\/[^\s#]*$/.test(url) && /^[^\s/]*$/.test(host) ? { url, host } : undefined;
  };
}

function replacement(rewrites: readonly RewriteConfig[] | undefined): (text: string) => string {
  const [rewrite] = rewrites ?? [];
  const expression = rewrite?.Regex === undefined ? undefined : compileRegex(rewrite.Regex, 'caseSensitive');
  if (expression === undefined) return (text) => text;
  return (text) => text.replace(expression, rewrite?.Replace ?? '');
}
