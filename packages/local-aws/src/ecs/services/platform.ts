/** What Fargate runs a service's tasks on. */
import type { Ecs } from '../ecs';
import { latestPlatformVersion, platformFamilyOf } from '../platform';
import type { Deployment } from '../state';
import { taskLaunchTypeOf } from './capacity';

/** Nothing where its tasks run on instances. */
export function describePlatform(
  ecs: Ecs,
  { settings, taskDefinition }: Pick<Deployment, 'settings' | 'taskDefinition'>,
): { readonly platformVersion?: string; readonly platformFamily?: string } {
  if (taskLaunchTypeOf(settings) !== 'FARGATE') return {};
  const definition = ecs.state.taskDefinitions[taskDefinition]?.settings;
  return {
    platformVersion: settings.platformVersion ?? latestPlatformVersion(definition),
    platformFamily: platformFamilyOf(definition),
  };
}
