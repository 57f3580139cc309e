/** A listener rule, as findings call it. */
import { tagKeys } from '../names';
import type { ListenerRule } from '../routing/listener-rules';

export function ruleName({ arn, priority, tags }: ListenerRule): string {
  const owner = tags[tagKeys.application];
  return `rule ${arn.split('/').at(-1)} (priority ${priority}, ${owner === undefined ? 'not one of cutover’s' : `of ${owner}`})`;
}
