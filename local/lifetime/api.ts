/**
 * The local LifeTime's API: of LifeTime's REST API v2 what a staging needs, with the answers of its reference. Where that is silent:
 * a wrong token is answered 401, a start beside another deployment 400, and what is being deployed when it is aborted is finished.
 */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { keyOf, listInstalled } from '../platform-server/applications';
import type { LifeTimeDeployments } from './deployments';
import { environments, listTagged, versionKeyOf, type LocalDeployment, type TaggedVersion } from './state';

export interface LifeTimeApi {
  readonly isFor: (url: string | undefined) => boolean;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface LifeTimeApiOptions {
  /** The Platform Server's folder. */
  readonly folder: string;
  /** The file of the token. */
  readonly token: string;
  readonly deployments: LifeTimeDeployments;
}

const root = '/lifetimeapi/rest/v2/';

interface Answer {
  readonly status: number;
  /** A text goes as it is, anything else as JSON. */
  readonly body?: unknown;
}

interface Asked {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
}

const exception = (status: number, why: string): Answer => ({ status, body: { Errors: [why], StatusCode: status } });
/** LifeTime's word for a point in time that there is none of yet. */
const never = '1900-01-01T00:00:00';

export function lifeTimeApi(options: LifeTimeApiOptions): LifeTimeApi {
  return {
    isFor: (url) => url?.startsWith(root) ?? false,
    answer: async (request, response) => {
      const { status, body } = await authorized(options, request).catch((error: Error) =>
        exception(500, error.message),
      );
      const isText = typeof body === 'string';
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined || isText ? body : JSON.stringify(body));
    },
  };
}

async function authorized(options: LifeTimeApiOptions, request: IncomingMessage): Promise<Answer> {
  const token = (await readFile(options.token, 'utf8')).trim();
  if (request.headers.authorization !== `Bearer ${token}`) return exception(401, 'Unauthorized');
  const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://lifetime');
  const path = pathname.slice(root.length).split('/').filter(Boolean).map(decodeURIComponent);
  return await route(options, { method: request.method ?? 'GET', path, query, body: await text(request) });
}

async function route(options: LifeTimeApiOptions, asked: Asked): Promise<Answer> {
  const { method, path } = asked;
  const [first, key, third] = path;
  if (first === 'environments' && method === 'GET') {
    if (key === undefined) return { status: 200, body: environments.map(formatEnvironment) };
    if (third === 'applications') return await applicationsOf(options, key);
  }
  if (first !== 'deployments') return exception(404, 'Not found.');
  if (key === undefined) return method === 'POST' ? await create(options, asked) : list(options, asked);
  const found = options.deployments.list().find((one) => one.key === key);
  if (!found) return exception(404, `Deployment with key ${key} not found.`);
  return await ofDeployment(options, found, asked);
}

async function ofDeployment(
  { deployments }: LifeTimeApiOptions,
  found: LocalDeployment,
  asked: Asked,
): Promise<Answer> {
  const [, key, command] = asked.path;
  if (asked.method === 'GET')
    return { status: 200, body: command === 'status' ? formatStatus(found) : formatDetails(found) };
  if (asked.method === 'DELETE')
    return (await deployments.discard(found))
      ? { status: 204 }
      : exception(400, `Deployment with key ${key} cannot be deleted`);
  if (command !== 'start' && command !== 'continue' && command !== 'abort') return exception(404, 'Command not found.');
  const why = await deployments.command(found, command);
  return why === null ? { status: 202 } : exception(400, why);
}

async function create({ folder, deployments }: LifeTimeApiOptions, { body }: Asked): Promise<Answer> {
  const [development, production] = environments;
  const given = JSON.parse(body) as Record<string, unknown> & {
    ApplicationOperations?: { ApplicationVersionKey: string }[];
  };
  if (given['SourceEnvironmentKey'] !== development.key || given['TargetEnvironmentKey'] !== production.key)
    return exception(404, 'Source or target environment not found.');
  const tagged = await listTagged(folder);
  const wanted = given.ApplicationOperations?.map(({ ApplicationVersionKey: wantedKey }) =>
    tagged.find((one) => versionKeyOf(one) === wantedKey),
  );
  const versions = wanted?.filter((one): one is TaggedVersion => one !== undefined) ?? [];
  if (versions.length === 0 || versions.length !== wanted?.length) return exception(400, 'Invalid request.');
  const { key } = await deployments.create(typeof given['Notes'] === 'string' ? given['Notes'] : '', versions);
  return { status: 201, body: key };
}

function list({ deployments }: LifeTimeApiOptions, { query }: Asked): Answer {
  const [, production] = environments;
  const target = query.get('TargetEnvironmentKey') ?? production.key;
  const from = query.get('MinDate') ?? '';
  const found = deployments
    .list()
    .filter(({ createdOn }) => target === production.key && createdOn.slice(0, 10) >= from);
  return found.length === 0 ? { status: 204 } : { status: 200, body: found.map(formatDeployment) };
}

/** Development has the newest tag of each application, Production what is installed there. */
async function applicationsOf({ folder }: LifeTimeApiOptions, environmentKey: string): Promise<Answer> {
  const [development, production] = environments;
  if (environmentKey !== development.key && environmentKey !== production.key)
    return exception(404, 'Environment not found.');
  const own = environmentKey === production.key ? await listInstalled(folder) : await listTagged(folder);
  const newest = new Map(own.map((one) => [one.application, one]));
  const body = [...newest.values()].map((one) => ({
    Key: keyOf(one.application),
    Name: one.application,
    Kind: 'WebResponsive',
    IsSystem: false,
    AppStatusInEnvs: [
      {
        EnvironmentKey: environmentKey,
        BaseApplicationVersionKey: versionKeyOf(one),
        IsModified: false,
        ModuleStatusInEnvs: [],
        DeploymentZoneKey: '',
      },
    ],
  }));
  return body.length === 0 ? { status: 204 } : { status: 200, body };
}

const formatEnvironment = ({ name, key, type }: (typeof environments)[number], Order: number) => ({
  Key: key,
  Name: name,
  OSVersion: '11.0.110.0',
  Order,
  HostName: '127.0.0.1',
  UseHTTPS: false,
  EnvironmentType: type,
});

function formatDeployment({ key, notes, createdOn, versions }: LocalDeployment) {
  const [development, production] = environments;
  return {
    Key: key,
    SourceEnvironmentKey: development.key,
    TargetEnvironmentKey: production.key,
    Notes: notes,
    CreatedOn: createdOn,
    StartedOn: never,
    AbortedOn: never,
    ApplicationOperations: versions.map((one) => ({
      ApplicationKey: keyOf(one.application),
      ApplicationVersionKey: versionKeyOf(one),
      DeploymentOperation: `Deploy ${one.version}`,
      DeploymentZoneKey: '',
    })),
  };
}

const formatDetails = (deployment: LocalDeployment) => ({
  Deployment: formatDeployment(deployment),
  ApplicationsToRedeploy: [],
  ApplicationConflicts: [],
});

const formatStatus = ({ state, info, log }: LocalDeployment) => ({
  DeploymentStatus: state,
  Info: info,
  DeploymentLog: log.map(({ at, message }) => ({ Instant: at, Message: message })),
});
