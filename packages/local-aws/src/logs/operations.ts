/** The operations of CloudWatch Logs: what tasks with the `awslogs` driver print. */
import type {
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Given, Operations } from '../operations';
import { fail } from '../protocol/errors';
import { arnOf, type Scope } from '../scope';
import type { LogClock, LogEvent } from './events';
import { parsePattern } from './pattern';
import type { LogsState, LogStreamRecord } from './state';

export interface Logs {
  readonly state: LogsState;
  readonly scope: Scope;
  readonly clock: LogClock;
}

export function logsOperations(logs: Logs): Operations {
  const on =
    <Input, Output>(operation: (logs: Logs, input: Input) => Output): ((input: Input) => Output) =>
    (input) =>
      operation(logs, input);
  return {
    DescribeLogStreams: on(describeLogStreams),
    GetLogEvents: on(getLogEvents),
    FilterLogEvents: on(filterLogEvents),
  };
}

function describeLogStreams(logs: Logs, input: DescribeLogStreamsRequest): DescribeLogStreamsResponse {
  const group = groupNameOf(input);
  const streams = Object.entries(streamsOf(logs, group)).filter(([name]) =>
    name.startsWith(input.logStreamNamePrefix ?? ''),
  );
  const described = streams.map(([name, stream]) => describeStream(logs, group, name, stream));
  const sorted = described.toSorted((one, other) =>
    input.orderBy === 'LastEventTime'
      ? one.lastEventTimestamp - other.lastEventTimestamp
      : one.logStreamName.localeCompare(other.logStreamName),
  );
  const ordered = input.descending === true ? sorted.toReversed() : sorted;
  const start = indexOf(input.nextToken ?? 'f/0');
  const end = start + (input.limit ?? 50);
  return { logStreams: ordered.slice(start, end), ...(end < ordered.length ? { nextToken: `f/${end}` } : {}) };
}

/** The latest events, or the first ones with `startFromHead`. There are always tokens for both directions, as on AWS. */
function getLogEvents(logs: Logs, input: Given<GetLogEventsRequest>): GetLogEventsResponse {
  const stream =
    streamsOf(logs, groupNameOf(input))[input.logStreamName] ??
    fail('ResourceNotFoundException', 'The specified log stream does not exist.');
  const events = logs.clock.events(stream.file).filter(isWithin(input));
  const limit = input.limit ?? 10_000;
  const { nextToken: token } = input;
  const backward = token === undefined ? input.startFromHead !== true : token.startsWith('b/');
  const edge = token === undefined ? (backward ? events.length : 0) : indexOf(token);
  const [start, end] = backward ? [Math.max(0, edge - limit), edge] : [edge, Math.min(events.length, edge + limit)];
  return {
    events: events
      .slice(start, end)
      .map(({ timestamp, message }) => ({ timestamp, message, ingestionTime: timestamp })),
    nextForwardToken: `f/${end}`,
    nextBackwardToken: `b/${start}`,
  };
}

/** The events of all requested streams, in order of time. */
function filterLogEvents(logs: Logs, input: FilterLogEventsRequest): FilterLogEventsResponse {
  const streams = streamsOf(logs, groupNameOf(input));
  const names = Object.keys(streams)
    .filter((name) => input.logStreamNames?.includes(name) ?? true)
    .filter((name) => name.startsWith(input.logStreamNamePrefix ?? ''));
  const matches = parsePattern(input.filterPattern ?? '');
  const events = names
    .flatMap((logStreamName) =>
      logs.clock.events(streams[logStreamName]?.file ?? '').map((event, index) => ({ ...event, logStreamName, index })),
    )
    .filter((event) => isWithin(input)(event) && matches(event.message))
    .toSorted((one, other) => one.timestamp - other.timestamp);
  const start = indexOf(input.nextToken ?? 'f/0');
  const end = start + (input.limit ?? 10_000);
  return {
    events: events.slice(start, end).map(({ timestamp, message, logStreamName, index }) => ({
      timestamp,
      message,
      logStreamName,
      ingestionTime: timestamp,
      eventId: `${timestamp}${String(index).padStart(10, '0')}`,
    })),
    searchedLogStreams: [],
    ...(end < events.length ? { nextToken: `f/${end}` } : {}),
  };
}

function describeStream(logs: Logs, group: string, logStreamName: string, stream: LogStreamRecord) {
  const events = logs.clock.events(stream.file);
  const [first, last] = [events[0], events.at(-1)];
  return {
    logStreamName,
    creationTime: stream.createdAt,
    firstEventTimestamp: first?.timestamp,
    lastEventTimestamp: last?.timestamp ?? stream.createdAt,
    lastIngestionTime: last?.timestamp,
    arn: arnOf(logs.scope, 'logs', `log-group:${group}:log-stream:${logStreamName}`),
    storedBytes: 0,
  };
}

function streamsOf({ state }: Logs, group: string): Record<string, LogStreamRecord> {
  return state[group] ?? fail('ResourceNotFoundException', 'The specified log group does not exist.');
}

function groupNameOf(input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined }): string {
  const name = input.logGroupName ?? input.logGroupIdentifier?.replace(/^arn:.*:log-group:/, '').replace(/:\*$/, '');
  return name ?? fail('InvalidParameterException', 'A log group must be given by its name or identifier.');
}

/** Whether an event is in the range, which includes its start but not its end. */
function isWithin(input: {
  startTime?: number | undefined;
  endTime?: number | undefined;
}): (event: LogEvent) => boolean {
  const { startTime = 0, endTime = Infinity } = input;
  return ({ timestamp }) => timestamp >= startTime && timestamp < endTime;
}

function indexOf(token: string): number {
  const index = Number(/^[fb]\/(\d+)$/.exec(token)?.[1] ?? NaN);
  return Number.isNaN(index) ? fail('InvalidParameterException', 'The specified nextToken is invalid.') : index;
}
