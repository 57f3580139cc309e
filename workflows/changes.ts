/**
 * Changes that histories of earlier versions don't have. Each marker is two events of a history, so that a run which begins now
 * records one that stands for all up to it: docs/change-it.md.
 */
import { patched } from '@temporalio/workflow';

/** Whether the run goes together what looks together, and tells nothing twice: record 57. */
export const fewerEvents = (): boolean => patched('fewer-events');

/** Whether green is watched while people decide, and moves at once when they have: record 76. */
export const watchesGreen = (): boolean => patched('green-watched');

/** Whether what needs not follow each other goes side by side: record 81. */
export const goesSideBySide = (): boolean => patched('side-by-side');

/** Whether the run goes the way that an earlier change brought. @param change one from before `fewer-events` */
export const changed = (change: string): boolean => fewerEvents() || patched(change);
