/** What holds of the settings that nobody has written, in the words of the file. */
import { isTrusted } from '../approvals/policy';
import { formatDuration } from '../durations';
import { resolveRunbookOptions } from '../runbook';
import type { ZoneSettings } from '../schema';
import { healthCheckDefaults, targetGroupDefaults } from '../target-group';
import { networkModeOf, taskSizeOf } from '../tasks/fit';
import { serviceDefaults } from '../tasks/service';
import { containerDefaults, isWindows, windowsPlatform } from '../tasks/task-definition';

/** Names with values, as deep as the file has them. */
type Values = Readonly<Record<string, unknown>>;

/** @param zone as the application has it */
export function defaultsOf(zone: ZoneSettings): Values {
  const { service, deployment } = zone;
  const networkMode = networkModeOf(zone);
  return {
    taskDefinition: {
      ...(zone.platform === 'windows' && { runtimePlatform: windowsPlatform }),
      ...(networkMode && { networkMode }),
      ...taskSizeOf(zone),
    },
    container: { ...containerDefaults, stopTimeout: formatDuration(containerDefaults.stopTimeout) },
    service: {
      ...(!service.capacityProviderStrategy && { launchType: serviceDefaults.launchType }),
      healthCheckGracePeriod: formatDuration(
        isWindows(zone) ? serviceDefaults.windowsGracePeriod : serviceDefaults.healthCheckGracePeriod,
      ),
      minimumHealthyPercent: serviceDefaults.minimumHealthyPercent,
      maximumPercent: serviceDefaults.maximumPercent,
    },
    targetGroup: {
      ...targetGroupDefaults,
      targetType: networkMode === 'awsvpc' ? 'ip' : 'instance',
      healthCheck: {
        ...healthCheckDefaults,
        interval: formatDuration(healthCheckDefaults.interval),
        timeout: formatDuration(healthCheckDefaults.timeout),
      },
      deregistrationDelay: formatDuration(targetGroupDefaults.deregistrationDelay),
    },
    approvals: isTrusted(zone.approvals)
      ? { approvers: 'whoever may write to Temporal' }
      : { minimum: 1, notTheStarter: false, notByInput: true },
    desiredCount: zone.desiredCount,
    startTimeout: formatDuration(zone.startTimeout),
    deployment: withDurations(
      resolveRunbookOptions(deployment, {
        minimumHealthyPercent: service.minimumHealthyPercent,
        maximumPercent: service.maximumPercent,
      }),
    ),
  };
}

const times: readonly string[] = ['bake', 'keepWarm', 'settle', 'removeAfter', 'approvalTimeout', 'holdTimeout'];

const withDurations = (options: Values): Values =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      times.includes(name) && typeof value === 'number' ? formatDuration(value) : value,
    ]),
  );
