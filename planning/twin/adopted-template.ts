/** What an application was adopted with: its releases go on being made from that, for the settings needn't say all of it. */
import type { Blue } from '../observed/blue';
import type { Observed } from '../observed/observed';
import type { ReleaseRecord } from '../release/release';
import type { AdoptedTemplate } from '../release/task-definitions';

/** `undefined` where blue's releases are made from the settings alone. */
export function adoptedTemplate(
  blue: Blue,
  { slots, foreign }: Pick<Observed, 'slots' | 'foreign'>,
): AdoptedTemplate | undefined {
  if (blue.kind === 'platformServer') return undefined;
  const found = blue.kind === 'adopted' ? foreign : slots.find(({ slot }) => slot === blue.slot);
  const container = found?.service?.container;
  return found?.adopted && container ? { taskDefinition: found.adopted, container } : undefined;
}

export const withAdopted = (record: ReleaseRecord, adopted: AdoptedTemplate | undefined): ReleaseRecord =>
  adopted ? { ...record, adopted: adopted.taskDefinition.taskDefinitionArn ?? null } : record;
