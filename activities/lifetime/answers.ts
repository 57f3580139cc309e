/**
 * What LifeTime answers, as its reference says (https://success.outsystems.com/documentation/11/reference/outsystems_apis/lifetime_api_v2/):
 * read leniently where more may come, strictly where it decides something. Texts are cut: they end up in histories.
 */
import { z } from 'zod';
import { lifeTimeStates } from '../../contract/staging';
import type { ListedApplication, ListedEnvironment } from '../../planning/staging/choose';

const longest = 300;

/** One line; no character is cut in half, and none comes in halves. */
export const shortened = (text: string, most = longest): string =>
  Array.from(
    text
      .slice(0, 2 * most)
      .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
      .trim(),
  )
    .slice(0, most)
    .join('');

const key = z.string().regex(/^[\w-]{1,100}$/);
const optionalKey = z.union([key, z.literal(''), z.null()]).default('');
const text = z
  .string()
  .nullish()
  .transform((value) => shortened(value ?? ''));
/** An empty list comes as 204 without a body. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.union([z.array(item), z.undefined()]).transform((list) => list ?? []);

export const environments = listOf(
  z.object({ Key: key, Name: text }).transform(({ Key, Name }): ListedEnvironment => ({ key: Key, name: Name })),
);

const status = z.object({
  EnvironmentKey: key,
  BaseApplicationVersionKey: optionalKey,
  IsModified: z.boolean().default(false),
  DeploymentZoneKey: optionalKey,
});

/** The applications of one environment. An application that isn't there in that environment is left out. */
export const applicationsIn = (environmentKey: string) =>
  listOf(z.object({ Key: key, Name: text, AppStatusInEnvs: z.array(status).nullish() })).transform((list) =>
    list.flatMap(({ Key, Name, AppStatusInEnvs }): ListedApplication[] => {
      const here = AppStatusInEnvs?.find((one) => one.EnvironmentKey === environmentKey);
      if (here === undefined) return [];
      return [
        {
          name: Name,
          key: Key,
          baseVersionKey: here.BaseApplicationVersionKey ?? '',
          isModified: here.IsModified,
          deploymentZoneKey: here.DeploymentZoneKey ?? '',
        },
      ];
    }),
  );

/** Notes are only searched for a marker, and kept nowhere. */
export const deployments = listOf(
  z.object({ Key: key, Notes: z.string().nullish() }).transform(({ Key, Notes }) => ({ key: Key, notes: Notes ?? '' })),
);

/** The key of a new deployment comes as a text without quotes, though its type is JSON; both are taken. */
export const newDeployment = z
  .string()
  .transform((body) => body.trim().replace(/^"(.*)"$/, '$1'))
  .pipe(key);

export const details = z
  .object({
    Deployment: z.object({
      ApplicationOperations: z
        .array(z.object({ ApplicationKey: key, DeploymentOperation: text }))
        .nullish()
        .transform((list) => list ?? []),
    }),
    ApplicationConflicts: z.array(z.object({ Message: text })).nullish(),
  })
  .transform(({ Deployment, ApplicationConflicts }) => ({
    operations: Deployment.ApplicationOperations.map(({ ApplicationKey, DeploymentOperation }) => ({
      applicationKey: ApplicationKey,
      operation: DeploymentOperation,
    })),
    conflicts: (ApplicationConflicts ?? []).map(({ Message }) => Message || 'a conflict without a message'),
  }));

export const deploymentStatus = z
  .object({
    DeploymentStatus: z.enum(lifeTimeStates),
    Info: text,
    DeploymentLog: z.array(z.object({ Message: text })).nullish(),
  })
  .transform(({ DeploymentStatus, Info, DeploymentLog }) => ({
    state: DeploymentStatus,
    info: Info,
    messages: DeploymentLog?.length ?? 0,
    lastMessage: DeploymentLog?.at(-1)?.Message ?? null,
  }));
export type DeploymentStatusNow = z.infer<typeof deploymentStatus>;

/** The reference's `Exception`: `Errors`, a list of texts; or whatever else it says. */
export function reasonIn(body: string): string {
  const exception = z.object({ Errors: z.array(z.string()).min(1) });
  try {
    return shortened(exception.parse(JSON.parse(body)).Errors.join('; '));
  } catch {
    return shortened(body.startsWith('<') ? '' : body);
  }
}
