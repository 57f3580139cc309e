/** What the releases that AWS has recorded say of whose a name is, and of what an application had before. Nothing here writes. */
import { ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs';
import { comesFrom, type Registered } from '../../../planning/held/task-definition';
import { recordsRun, recordsZone, whoseName, type NamingRun } from '../../../planning/held/whose-name';
import { familyOf, readName } from '../../../planning/names';
import type { TaggedTaskDefinition, TaskDefinition } from '../../../planning/release/task-definitions';
import type { AwsClients } from '../client/clients';
import { describeTagged } from '../ecs/task-definitions';

export interface HoldingRun extends NamingRun {
  readonly ecs: () => AwsClients['ecs'];
}

/** The newest releases of a family that are looked through. */
const mostLookedAt = 10;

/** What is found stays true, and is asked once a process; what isn't found is asked again. */
export function releaseRecords() {
  const proven = new Set<string>();

  /** Whether the run may write to what has this name: its application's, or another tool's, which it may adopt. */
  async function mayTouch(name: string, run: HoldingRun): Promise<boolean> {
    const whose = whoseName(name, run);
    if (whose.kind !== 'by records') return whose.kind !== 'another';
    const id = `${run.zone}/${run.application} ${whose.ownIf} ${whose.anothersIf}`;
    if (proven.has(id)) return true;
    const found =
      (whose.ownIf !== undefined && (await isRecorded(whose.ownIf, run))) ||
      (whose.anothersIf !== undefined &&
        !recordsZone((await describeTagged(run.ecs(), whose.anothersIf))?.tags ?? {}, run));
    if (found) proven.add(id);
    return found;
  }

  /**
   * What a task definition may repeat: the application's newest releases, and those that it, and they, come from, as long as these
   * are its own or another tool's.
   */
  async function earlier(definition: TaskDefinition, run: HoldingRun): Promise<Registered[]> {
    const found: Registered[] = [];
    const from = comesFrom(definition);
    for await (const release of newest(definition.family, run)) {
      found.push(release);
      from.push(...comesFrom(release));
    }
    for (const arn of new Set(from)) {
      const release = (await mayTouch(familyOf(arn), run)) ? await describeTagged(run.ecs(), arn) : undefined;
      if (release) found.push(release);
    }
    return found;
  }

  return { mayTouch, wasBefore, earlier };
}

/** Whether the application was once called as the run is. */
async function isRecorded(family: string, run: HoldingRun): Promise<boolean> {
  for await (const { tags = {} } of newest(family, run)) if (recordsRun(tags, run)) return true;
  return false;
}

/** Whether one of the application's newest releases says that this task definition was before it. */
async function wasBefore(arn: string, run: HoldingRun, named: readonly string[]): Promise<boolean> {
  const families = new Set(
    named.flatMap((name) => (readName(name) ? [name.replace(/-[ab](-[0-9a-f]{6})?$/, '')] : [])),
  );
  for (const family of families)
    for await (const release of newest(family, run)) if (comesFrom(release).includes(arn)) return true;
  return false;
}

async function* newest(family: string, run: HoldingRun): AsyncGenerator<TaggedTaskDefinition> {
  const { taskDefinitionArns = [] } = await run
    .ecs()
    .send(new ListTaskDefinitionsCommand({ familyPrefix: family, sort: 'DESC', maxResults: mostLookedAt }));
  for (const arn of taskDefinitionArns) {
    const found = await describeTagged(run.ecs(), arn);
    if (found) yield found;
  }
}
