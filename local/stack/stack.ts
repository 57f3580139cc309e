/**
 * The local stack: every process that it takes to deploy on one machine, started, kept alive, and ended together. One
 * process, the supervisor, has the others as children; it keeps `local.json` up to date.
 */
import {
  claimFolder,
  createFamily,
  makeFolder,
  readyTasks,
  reportWriter,
  stopTasks,
  writeWhole,
  type Family,
  type Program,
} from '../../packages/local-aws/src/index';
import { stackFolders, type StackFolders } from './folders';
import { planStack, type StackOptions, type StackPlan } from './plan';
import { planPrograms, temporalProfile, type ProcessName } from './programs';
import { waitUntilReady } from './readiness';
import { planReport, type StackReport } from './report';
import { writeStackSettings } from './stack-settings';
import { createZone, type Zone } from './zone';

export interface Stack {
  /** The content of `local.json`. */
  readonly report: () => StackReport;
  /** Kills a process as a crash would, and resolves when it is gone. It is started again at once. */
  readonly kill: (name: ProcessName) => Promise<void>;
  /** Ends a process gracefully, and resolves when the next one is ready. */
  readonly restart: (name: ProcessName) => Promise<void>;
  /** Resolves when a process is ready. */
  readonly ready: (name: ProcessName) => Promise<void>;
  /** Ends everything that was started, tasks included. What is stored stays: a stack in the same folder goes on with it. */
  readonly close: () => Promise<void>;
}

/** @throws {Error} of one sentence, with nothing left running, when the stack can't start or the signal ends it meanwhile */
export async function startStack(
  options: StackOptions = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Stack> {
  const folders = stackFolders(options.folder);
  await claimFolder(folders.root, 'A stack');
  const family = createStackFamily(folders);
  try {
    await readyTasks(folders.aws, options.tasks);
    const plan = await planStack(folders, options);
    const zone = await startAll({ plan, family, signal, say: options.say ?? (() => undefined) });
    return await reportedStack(plan, zone, family);
  } catch (error) {
    await family.end();
    throw error;
  }
}

/** A process ends before those that it needs, and the tasks end after the ECS that would start them again. */
function createStackFamily({ root, aws }: StackFolders): Family<ProcessName> {
  return createFamily({
    folder: root,
    endOrder: ['hooks', 'worker', 'aws', 'loadBalancer', 'platformServer', 'temporal'],
    ended: async (name) => name === 'aws' && (await stopTasks(aws)),
  });
}

/** What a start needs: the plan, the keeper of its processes, the signal that may end it, and where to say what it does. */
interface Start {
  readonly plan: StackPlan;
  readonly family: Family<ProcessName>;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Worker and hooks start last: they need the settings, which need the listeners' ARNs. */
async function startAll(start: Start): Promise<Zone> {
  const { plan, signal } = start;
  const { logs, temporal, images, targets, results, configurations } = plan.folders;
  for (const folder of [logs, temporal, images, targets, results, configurations]) await makeFolder(folder);
  await writeWhole(plan.folders.temporalProfile, temporalProfile(plan));
  const { consumers, services } = planPrograms(plan);
  await startTogether(start, services);
  const zone = await createZone(plan.aws, plan.ports, signal);
  await writeStackSettings(plan, zone);
  await startTogether(start, consumers);
  return zone;
}

async function startTogether(
  { plan, family, signal, say }: Start,
  programs: readonly Program<ProcessName>[],
): Promise<void> {
  say(`Starting ${programs.map(({ name }) => name).join(', ')}`);
  const children = programs.map((program) => family.add(program));
  await Promise.all(children.map(async (child) => await waitUntilReady(plan, child, signal)));
}

/** Resolves when `local.json` is there. */
async function reportedStack(plan: StackPlan, zone: Zone, family: Family<ProcessName>): Promise<Stack> {
  const writer = reportWriter<StackReport>(plan.folders.report);
  const report = (): StackReport => planReport(plan, zone, family.identities());
  family.onChange(() => writer.write(report()));
  writer.write(report());
  await writer.written();
  const never = new AbortController().signal;
  const ready = async (name: ProcessName): Promise<void> => await waitUntilReady(plan, family.get(name), never);
  return {
    report,
    ready,
    kill: async (name) => await family.get(name).kill(),
    restart: async (name) => {
      await family.get(name).restart();
      await ready(name);
    },
    close: async () => {
      await family.end();
      await writer.close();
    },
  };
}
