/** Reads what serves an application now, for people who ask when no deployment runs. Changes nothing. */
import { ApplicationFailure } from '@temporalio/workflow';
import { aws } from './activities';
import type { Live } from './messages';

/** The input: `{"zone": "…", "application": "…"}`. */
export interface DescribeRequest {
  readonly zone: string;
  readonly application: string;
}

export async function describeApplication(input?: unknown): Promise<Live> {
  const { zone, application } = (input ?? {}) as Partial<Record<keyof DescribeRequest, unknown>>;
  if (typeof zone !== 'string' || typeof application !== 'string')
    throw ApplicationFailure.nonRetryable('The input must be {"zone": "…", "application": "…"}.', 'InvalidRequest');
  return await aws.describeLive({ zone, application });
}
