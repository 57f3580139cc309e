/**
 * The images of an engine's own storage, as the local ECR shows them and the local ECS runs them. There is no registry between:
 * `orders:1.4.2` of the engine is `orders:1.4.2` of the local ECR, and its digest is the engine's ID of it.
 */
import { z } from 'zod';
import type { RunnableImage } from '../ecs/tasks/runner';
import { ContainerFailure } from '../ecs/tasks/runner';
import type { RegisteredImage } from '../images/images';
import { isElsewhere, parseReference, type ImageReference } from '../images/reference';
import type { Engine } from './engine';

/** Lists of words may be absent or null. */
const words = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

/** What podman and Docker both say of an image. */
const inspectedImages = z.array(
  z.looseObject({
    Id: z.string(),
    RepoTags: words,
    Created: z.string().optional(),
    Size: z.number().default(0),
    Os: z.string().optional(),
    Config: z
      .looseObject({
        Env: words,
        Cmd: words,
        Entrypoint: words,
        WorkingDir: z.string().optional(),
        Labels: z.record(z.string(), z.string()).nullish(),
        StopSignal: z.string().optional(),
      })
      .nullish(),
  }),
);
type InspectedImage = z.infer<typeof inspectedImages>[number];

const pullTimeoutMs = 600_000;

/** A name that is one in the local ECR; podman calls what it built `localhost/…`. */
function parseOwn(name: string): ImageReference | undefined {
  const own = name.replace(/^localhost\//, '');
  return isElsewhere(own) ? undefined : parseReference(own);
}

/** Every name that an image has in the local ECR, each as an image of its own; names of other registries aren't among them. */
export function imagesIn(inspected: string): RegisteredImage[] {
  return inspectedImages.parse(JSON.parse(inspected)).flatMap((image) =>
    image.RepoTags.flatMap((name) => {
      const parsed = parseOwn(name);
      return parsed === undefined ? [] : [describe(image, parsed)];
    }),
  );
}

function describe(image: InspectedImage, { repository, tag }: ImageReference): RegisteredImage {
  const { Env = [], Cmd = [], Entrypoint = [], WorkingDir, Labels, StopSignal } = image.Config ?? {};
  return {
    repository,
    tag,
    tagged: true,
    digest: digestOfId(image.Id),
    size: image.Size,
    builtAt: Date.parse(image.Created ?? '') || 0,
    workingDirectory: WorkingDir || '/',
    entrypoint: Entrypoint,
    command: Cmd,
    environment: Object.fromEntries(Env.map((pair) => [pair.split('=', 1)[0] ?? '', pair.replace(/^[^=]*=?/, '')])),
    labels: Labels ?? {},
    ...(image.Os !== undefined && { os: image.Os }),
    ...(StopSignal && { stopSignal: StopSignal }),
  };
}

/** Docker writes it with its algorithm, podman without. */
const digestOfId = (id: string): string => (id.startsWith('sha256:') ? id : `sha256:${id}`);

/** Every image of the engine's that the local ECR has, or those of one repository. */
export async function listEngineImages(engine: Engine, repository?: string): Promise<RegisteredImage[]> {
  const ids = (await engine.run(['image', 'ls', '--quiet', '--no-trunc'])).split('\n').filter((id) => id !== '');
  const images = ids.length === 0 ? [] : imagesIn(await engine.run(['image', 'inspect', ...new Set(ids)]));
  return repository === undefined ? images : images.filter((image) => image.repository === repository);
}

/**
 * The image that a task definition names. One of another registry than ECR is pulled, unless the engine has it.
 * @throws {ContainerFailure} when it can't be pulled
 */
export async function findEngineImage(engine: Engine, reference: string): Promise<RunnableImage | undefined> {
  const parsed = parseOwn(reference);
  const isHere = async (name: string) => await engine.run(['image', 'inspect', name]).catch(() => undefined);
  if (parsed !== undefined) {
    const { repository, tag, digest } = parsed;
    // A digest that is no ID may still be one that a registry gave.
    const names = digest === undefined ? [`${repository}:${tag}`] : [digest, `${repository}@${digest}`];
    for (const name of names) {
      const found = await isHere(name);
      if (found !== undefined) return runnable(found, parsed);
    }
    return undefined;
  }
  if ((await isHere(reference)) === undefined)
    await engine.run(['pull', '--quiet', reference], { timeoutMs: pullTimeoutMs }).catch((error: Error) => {
      throw new ContainerFailure(`CannotPullContainerError: ${error.message}`);
    });
  const found = await isHere(reference);
  return found === undefined ? undefined : runnable(found, namesOf(reference));
}

function runnable(inspected: string, name: ImageReference): RunnableImage {
  const [image] = inspectedImages.parse(JSON.parse(inspected));
  if (image === undefined) throw new Error('The engine described no image.');
  const described = describe(image, name);
  return { ...described, digest: name.digest ?? described.digest, location: image.Id };
}

/** The parts of a name in another registry. */
function namesOf(reference: string): ImageReference {
  const [name = '', digest] = reference.split('@');
  const [, repository = name, tag = 'latest'] = /^(.*?)(?::([^/:]+))?$/.exec(name) ?? [];
  return { repository, tag, ...(digest !== undefined && { digest }) };
}
