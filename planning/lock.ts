/**
 * The lock of an application is the name that its rules' tags record for its key: two deployments of it never overlap, not even
 * under two names. So a deployment that renames runs under the earlier name, and changes the tags last.
 */
import type { ApplicationIdentity } from './names';
import { Refusal } from './refusal';

/** A plan, or what holds one. */
export interface MaybeRenamed {
  readonly renamedFrom?: string;
  readonly plan?: { readonly renamedFrom?: string };
}

/** @throws {Refusal} when the plan renames, and doesn't run under the name that is recorded */
export function refuseOtherLock(
  { zone, name, key }: ApplicationIdentity,
  workflowId: string,
  { renamedFrom, plan }: MaybeRenamed,
): void {
  const recorded = renamedFrom ?? plan?.renamedFrom;
  if (recorded === undefined || workflowId === `${zone}/${recorded}`) return;
  const input = JSON.stringify({ application: { name, key } });
  throw new Refusal(
    `The application with the key ${key} serves under the name ${recorded}, and one deployment has to rename it: start that with "cutover deploy ${name} --renamed-from ${recorded}", or as ${zone}/${recorded} with ${input} in its input.`,
  );
}
