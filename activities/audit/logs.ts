/** An audit trail in CloudWatch Logs: an event a line, in a stream for each zone. A write whose answer was lost is there twice. */
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { AuditSettings } from '../../settings/audit/schema';
import { credentialsOf } from '../aws/client/clients';
import { requestTimeoutMs } from '../aws/client/time-limits';
import { isNamed, type AuditSink } from './sink';

type Group = Extract<AuditSettings, { kind: 'logs' }>;

export function logsSink({ group: logGroupName, region, role }: Group, more: object = {}): AuditSink {
  const logs = new CloudWatchLogsClient({
    region,
    ...credentialsOf(role, region),
    maxAttempts: 1,
    requestHandler: { requestTimeout: requestTimeoutMs, connectionTimeout: 3_000 },
    ...more,
  });
  const streamOf = (zone: string) => ({ logGroupName, logStreamName: `cutover-audit/${zone}` });
  const put = async (zone: string, lines: readonly string[]) => {
    // CloudWatch takes no events that are older than two weeks; a line says itself when it happened.
    const timestamp = Date.now();
    const logEvents = lines.map((message) => ({ timestamp, message }));
    const { rejectedLogEventsInfo } = await logs.send(new PutLogEventsCommand({ ...streamOf(zone), logEvents }));
    if (rejectedLogEventsInfo) throw new Error('CloudWatch Logs rejected lines of the audit trail.');
  };
  return {
    async read(zone) {
      const texts: string[] = [];
      let nextToken: string | undefined;
      for (;;) {
        const page = await logs
          .send(new GetLogEventsCommand({ ...streamOf(zone), startFromHead: true, ...(nextToken && { nextToken }) }))
          .catch((failure: unknown) => {
            if (isNamed(failure, 'ResourceNotFoundException')) return undefined;
            throw failure;
          });
        texts.push(...(page?.events ?? []).flatMap(({ message }) => message ?? []));
        // The same token again is the end.
        if (page?.nextForwardToken === undefined || page.nextForwardToken === nextToken) return texts;
        nextToken = page.nextForwardToken;
      }
    },

    append: (zone, lines) =>
      put(zone, lines).catch(async (failure: unknown) => {
        if (!isNamed(failure, 'ResourceNotFoundException')) throw failure;
        await logs.send(new CreateLogStreamCommand(streamOf(zone)));
        await put(zone, lines);
      }),
  };
}
