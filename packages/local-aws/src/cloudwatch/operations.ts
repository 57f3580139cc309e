/**
 * CloudWatch: metric alarms, and the load balancer's counts. Nothing evaluates an alarm here: it stays in the state that
 * SetAlarmState gives it, and calls the scaling policies among its actions as it comes into ALARM.
 */
import type {
  DeleteAlarmsInput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  GetMetricDataInput,
  GetMetricDataOutput,
  MetricAlarm,
  PutMetricAlarmInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import type { Given, Operations } from '../operations';
import { fail } from '../protocol/errors';
import { arnOf } from '../scope';
import type { CloudWatch } from './cloudwatch';
import { getMetricData } from './metric-data';
import type { Alarm } from './state';
import { listTagsForResource, setTags, tagResource, untagResource } from './tags';

export function cloudwatchOperations(cloudwatch: CloudWatch): Operations {
  const on =
    <Input, Output>(operation: (cloudwatch: CloudWatch, input: Input) => Output): ((input: Input) => Output) =>
    (input) =>
      operation(cloudwatch, input);
  return {
    PutMetricAlarm: on(putMetricAlarm),
    DescribeAlarms: on(describeAlarms),
    SetAlarmState: on(setAlarmState),
    DeleteAlarms: on(deleteAlarms),
    GetMetricData: on(readMetricData),
    TagResource: on(tagResource),
    UntagResource: on(untagResource),
    ListTagsForResource: on(listTagsForResource),
  };
}

/** Replaces all settings of an alarm; its state stays. */
function putMetricAlarm(cloudwatch: CloudWatch, input: Given<PutMetricAlarmInput>): void {
  const { AlarmName: name, Tags: tags, ...settings } = input;
  checkAlarm(settings);
  const { state, scope } = cloudwatch;
  const now = cloudwatch.now();
  const known = state.alarms[name];
  if (known !== undefined) {
    Object.assign(known, { settings, configuredAt: now });
    return;
  }
  const arn = arnOf(scope, 'cloudwatch', `alarm:${name}`);
  setTags(state, arn, tags);
  state.alarms[name] = {
    arn,
    name,
    settings,
    configuredAt: now,
    state: 'INSUFFICIENT_DATA',
    stateReason: 'Unchecked: Initial alarm creation',
    stateUpdatedAt: now,
    stateTransitionedAt: now,
  };
}

/**
 * The alarms are in order of their names.
 * @throws {AwsError} with code `InvalidParameterCombination` or `InvalidNextToken`
 */
function describeAlarms({ state }: CloudWatch, input: DescribeAlarmsInput): DescribeAlarmsOutput {
  const { AlarmNames: names, AlarmNamePrefix: prefix, MaxRecords: most = 50 } = input;
  if (names !== undefined && prefix !== undefined) {
    fail('InvalidParameterCombinationException', 'AlarmNamePrefix cannot be specified together with AlarmNames.');
  }
  if (most < 1 || most > 100) fail('InvalidParameterValueException', 'MaxRecords must be between 1 and 100.');
  const wanted = Object.values(state.alarms)
    .filter(({ name }) => names === undefined || names.includes(name))
    .filter(({ name }) => name.startsWith(prefix ?? ''))
    .filter((alarm) => input.StateValue === undefined || alarm.state === input.StateValue)
    .filter(({ settings }) => hasAction(settings, input.ActionPrefix))
    .toSorted((one, other) => one.name.localeCompare(other.name));
  const metric = input.AlarmTypes === undefined || input.AlarmTypes.includes('MetricAlarm') ? wanted : [];
  const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
  if (!Number.isInteger(start)) fail('InvalidNextToken', 'The next token specified is invalid.');
  const end = start + most;
  return {
    MetricAlarms: metric.slice(start, end).map(describe),
    CompositeAlarms: [],
    ...(end < metric.length ? { NextToken: `${end}` } : {}),
  };
}

/** @throws {AwsError} with code `ResourceNotFound` or `InvalidFormat` */
function setAlarmState(cloudwatch: CloudWatch, input: Given<SetAlarmStateInput>): void {
  const alarm =
    cloudwatch.state.alarms[input.AlarmName] ?? fail('ResourceNotFound', `Alarm ${input.AlarmName} not found`);
  const { StateValue: value, StateReason: reason, StateReasonData: details } = input;
  if (!['OK', 'ALARM', 'INSUFFICIENT_DATA'].includes(value)) {
    fail('ValidationException', `StateValue '${value}' must be one of OK, ALARM, INSUFFICIENT_DATA.`);
  }
  if (details !== undefined && !isJson(details)) {
    fail('InvalidFormatFault', 'StateReasonData must be a JSON document.');
  }
  const now = cloudwatch.now();
  const isNew = alarm.state !== value;
  if (isNew) alarm.stateTransitionedAt = now;
  Object.assign(alarm, { state: value, stateReason: reason, stateUpdatedAt: now });
  if (details === undefined) delete alarm.stateReasonData;
  else alarm.stateReasonData = details;
  const { AlarmActions = [], ActionsEnabled = true } = alarm.settings;
  if (isNew && value === 'ALARM' && ActionsEnabled) for (const action of AlarmActions) cloudwatch.act(action);
}

/**
 * Deletes all of the alarms, or none.
 * @throws {AwsError} with code `ResourceNotFound`
 */
function deleteAlarms({ state }: CloudWatch, { AlarmNames: names }: Given<DeleteAlarmsInput>): void {
  const missing = names.find((name) => state.alarms[name] === undefined);
  if (missing !== undefined) fail('ResourceNotFound', `Alarm ${missing} not found`);
  for (const name of names) {
    delete state.tags[state.alarms[name]?.arn ?? ''];
    delete state.alarms[name];
  }
}

/**
 * Counts are there at once, unless a fault lets them come late; on AWS those of a minute come some minutes later.
 * @throws {AwsError} as `getMetricData` does
 */
async function readMetricData(
  { state, counted, now, lateMs }: CloudWatch,
  input: Given<GetMetricDataInput>,
): Promise<GetMetricDataOutput> {
  await counted();
  const late = lateMs();
  return getMetricData(state.counts ?? {}, input, late === 0 ? Infinity : now() - late);
}

function checkAlarm(settings: Alarm['settings']): void {
  const hasMetric = settings.MetricName !== undefined && settings.Namespace !== undefined;
  if (settings.Metrics === undefined && !hasMetric) {
    fail('MissingRequiredParameterException', 'MetricName and Namespace, or Metrics, must be specified.');
  }
  if (settings.Metrics !== undefined && hasMetric) {
    fail('InvalidParameterCombinationException', 'Metrics cannot be specified together with MetricName.');
  }
  if (
    hasMetric &&
    (settings.Period === undefined || (settings.Statistic ?? settings.ExtendedStatistic) === undefined)
  ) {
    fail('MissingRequiredParameterException', 'Period, and Statistic or ExtendedStatistic, must be specified.');
  }
  if (hasMetric && settings.Threshold === undefined) {
    fail('MissingRequiredParameterException', 'Threshold must be specified.');
  }
  const { Period: period = 60, EvaluationPeriods: periods = 1, DatapointsToAlarm: points = periods } = settings;
  if (![10, 20, 30].includes(period) && (period % 60 !== 0 || period < 60)) {
    fail('InvalidParameterValueException', 'Period must be 10, 20, 30, or a multiple of 60.');
  }
  if (periods < 1 || points < 1 || points > periods) {
    fail('InvalidParameterValueException', 'DatapointsToAlarm must be between 1 and EvaluationPeriods.');
  }
}

function hasAction(settings: Alarm['settings'], prefix: string | undefined): boolean {
  const actions = [settings.OKActions, settings.AlarmActions, settings.InsufficientDataActions].flatMap(
    (one) => one ?? [],
  );
  return prefix === undefined || actions.some((action) => action.startsWith(prefix));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function describe(alarm: Alarm): MetricAlarm {
  return {
    ActionsEnabled: true,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    Dimensions: [],
    ...alarm.settings,
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    StateValue: alarm.state,
    StateReason: alarm.stateReason,
    StateReasonData: alarm.stateReasonData,
    StateUpdatedTimestamp: new Date(alarm.stateUpdatedAt),
    StateTransitionedTimestamp: new Date(alarm.stateTransitionedAt),
  };
}
