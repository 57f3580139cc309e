/** The activities that work on shared folders, run by workers that have the mounts. Each stands in the file of what it works on. */
import { eachHeartbeating } from '../polling';
import { answerActivities } from './answers';
import { configurationActivities } from './configuration';
import { copyActivities } from './configuration-copies';
import { doctorActivities } from './doctor';
import { zoneFolders, type FileDependencies } from './zone-folders';

export type FileActivities = ReturnType<typeof fileActivities>;

/** All of them heartbeat, and share the limits on a zone's folders. */
export function fileActivities({ settings }: FileDependencies) {
  const files = { settings, inFolder: zoneFolders() };
  return eachHeartbeating({
    ...configurationActivities(files),
    ...copyActivities(files),
    ...answerActivities(files),
    ...doctorActivities(files),
  });
}
