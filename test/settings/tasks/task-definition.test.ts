import * as client from '@aws-sdk/client-ecs';
import { parseSettings } from '../../../settings/load';
import { shapes } from '../../../settings/tasks/shapes';
import { zone } from '../minimal';

const { shapesOf } = jest.requireActual<{ shapesOf: (sdk: object) => unknown }>('../../../scripts/aws-shapes.js');
const parse = (more: string) => parseSettings(`${zone}${more}`, 'cutover.yaml').zones['production']!;
const pasted = (container: string, more = '') =>
  `    taskDefinition:\n      containerDefinitions:\n        - ${container}\n${more}`;

test('the names and types are those of the AWS SDK: node scripts/aws-shapes.js', () => {
  expect(shapes).toEqual(shapesOf(client));
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  [
    'a typing mistake',
    '    taskDefinition:\n      executionRoleARN: arn\n',
    /:9: .*taskDefinition\.executionRoleARN: AWS knows no such name: expected executionRoleArn/,
  ],
  [
    'a typing mistake in a container',
    pasted('{ name: application, memoryReservaton: 5 }'),
    /:10: .*containerDefinitions\.0\.memoryReservaton: .*expected memoryReservation/,
  ],
  [
    'a number where AWS takes a text',
    '    taskDefinition: { cpu: 1024 }\n',
    /:8: .*cpu: expected a text: write it in quotes, '1024'/,
  ],
  [
    'a text where AWS takes a number',
    pasted("{ name: application, cpu: '5' }"),
    /containerDefinitions\.0\.cpu: expected a number/,
  ],
  [
    'one where AWS takes a list',
    '    taskDefinition: { volumes: { name: a } }\n',
    /taskDefinition\.volumes: expected a list/,
  ],
  ...[
    'taskDefinitionArn: a',
    'revision: 3',
    'status: ACTIVE',
    'compatibilities: [EC2]',
    'registeredBy: a',
    'registeredAt: 1',
    'requiresAttributes: []',
    'deregisteredAt: 1',
    'family: a',
  ].map(
    (member) =>
      [`what the console shows of it (${member})`, `    taskDefinition: { ${member} }\n`, /: leave it out\./] as const,
  ),
  [
    'a container that has the port and another name',
    pasted('{ name: web, portMappings: [{ containerPort: 8080 }] }', '    container: { port: 8080 }\n'),
    /container: the task definition has no container application, and web has its port 8080: set container\.name to web if that is the application/,
  ],
  [
    'a container that is reached at another port and has another name',
    pasted('{ name: web, portMappings: [{ containerPort: 8080 }] }'),
    /container: the task definition has no container application, and web has the port 8080: set container\.name to web if that is the application, or to application if/,
  ],
  [
    'a name that is a variable and a secret',
    pasted('{ name: application, environment: [{ name: A, value: b }], secrets: [{ name: A, valueFrom: c }] }'),
    /containerDefinitions: container application has A in its environment and among its secrets: leave one out/,
  ],
  [
    'a secret that the settings give a value beside the task definition',
    pasted('{ name: application, secrets: [{ name: A, valueFrom: c }] }', '    container: { environment: { A: b } }\n'),
    /container application has A in its environment and among its secrets/,
  ],
  [
    'a failure that is to count as health',
    "    targetGroup: { healthCheck: { matcher: '200-599' } }\n",
    /matcher: expected status codes from 200 to 499/,
  ],
  [
    'a container of the right name without the port',
    pasted('{ name: application, portMappings: [{ containerPort: 8080 }] }'),
    /container application of the task definition has the port 8080, and 80 is wanted: set container\.port/,
  ],
  [
    'both ways to get capacity',
    '    service: { launchType: EC2, capacityProviderStrategy: [] }\n',
    /leave one of them out/,
  ],
  [
    'an unknown name of a capacity provider',
    '    service: { capacityProviderStrategy: [{ provider: a }] }\n',
    /provider: AWS knows no such name/,
  ],
  ['ECS Anywhere, which knows no load balancer', '    service: { launchType: EXTERNAL }\n', /service\.launchType: /],
  [
    'addresses as targets of tasks without any',
    '    service: { launchType: EC2 }\n    taskDefinition: { networkMode: bridge }\n    targetGroup: { targetType: ip }\n',
    /targetGroup\.targetType: tasks with the network mode bridge can only be targets of the type instance/,
  ],
  [
    'Windows tasks on instances without memory',
    '    service: { launchType: EC2 }\n    taskDefinition: { runtimePlatform: { operatingSystemFamily: WINDOWS_SERVER_2022_CORE } }\n',
    /taskDefinition: .*|memory: expected the memory of the tasks/,
  ],
];

test.each(refused)('%s is refused, with file, line and what to do', (_, text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test.each([
  ['a sidecar without the port', pasted('{ name: log-router, image: fluent-bit }')],
  [
    'the application’s own container',
    pasted('{ name: application, portMappings: [{ containerPort: 80 }], stopTimeout: 60 }'),
  ],
  [
    'a sidecar with a port of its own beside a container that is named',
    pasted('{ name: envoy, portMappings: [{ containerPort: 9901 }] }', '    container: { name: application }\n'),
  ],
  ['several codes', "    targetGroup: { healthCheck: { matcher: '200,301-399,401' } }\n"],
  ['the cluster’s default capacity', '    service: { capacityProviderStrategy: [] }\n'],
])('%s is taken', (_, text) => {
  expect(() => parse(text)).not.toThrow();
});

const windows = (launchType: string, more: string) =>
  `    service: { launchType: ${launchType} }\n    taskDefinition: { runtimePlatform: { operatingSystemFamily: WINDOWS_SERVER_2022_CORE }, containerDefinitions: [{ name: application, memory: 4096 }] }\n${more}`;
const linux = (launchType: string, more: string) => `    service: { launchType: ${launchType} }\n${more}`;
const secrets = (mount: string, more = '') => `    secrets: { mount: ${mount}${more} }\n`;
const host = String.raw`{ kind: host, root: 'c:\share' }`;
const efs = '{ kind: efs, fileSystemId: fs-1 }';
const fsx =
  "{ kind: fsx, fileSystemId: fs-1, credentialsParameter: 'arn:aws:ssm:eu-west-1:123456789012:parameter/ad', domain: corp }";

test.each([
  [
    'host',
    windows('FARGATE', secrets(host)),
    /Windows tasks on Fargate can mount no folder: set service\.launchType to EC2/,
  ],
  ['fsx', windows('FARGATE', secrets(fsx)), /Windows tasks on Fargate can mount no folder/],
  ['efs', windows('EC2', secrets(efs)), /EFS volumes are for Linux only/],
  [
    'host',
    linux('FARGATE', secrets(host)),
    /can't mount a folder of the host: use efs, or set service\.launchType to EC2/,
  ],
  ['fsx', linux('FARGATE', secrets(fsx)), /can't mount an FSx file system: use efs/],
  ['fsx', linux('EC2', secrets(fsx)), /FSx for Windows File Server is for Windows tasks/],
  [
    'host',
    windows('EC2', secrets(host, ', containerPath: /secrets')),
    /secrets\.containerPath: expected a path with its drive/,
  ],
])('a mount that its tasks can’t have is refused, and what is left is named: %s', (_, text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test('a container finds what the platform puts there where the platform says: c:\\secrets in Windows', () => {
  expect(parse(windows('EC2', secrets(host))).secrets?.containerPath).toBe(String.raw`c:\secrets`);
  expect(parse(linux('FARGATE', secrets(efs))).secrets?.containerPath).toBe('/secrets');
});
