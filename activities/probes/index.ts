/** The activities that ask over HTTP, as a browser would. Each stands in the file of what it asks about. */
import type { AwsDependencies } from '../aws/dependencies';
import { replicaWaits } from '../aws/ecs/replicas';
import { handoverProbes } from './handover';
import { moduleProbes } from './modules';
import { releaseProbes } from './releases';
import { looksTogether } from './together';

export type ProbeActivities = ReturnType<typeof probeActivities>;

export const probeActivities = (aws: AwsDependencies) => ({
  ...moduleProbes(aws),
  ...handoverProbes,
  ...releaseProbes,
  ...looksTogether({ ...replicaWaits(aws), ...moduleProbes(aws), ...releaseProbes }),
});
