// Holds the local AWS, also beside a deployment, to other people's tools, a deployment to the Temporal UI, and the Dockerfile, the Compose file and the CDK app too: `npm run conformance [-- --seed N]`.
// With `--real` the local AWS's part runs against an AWS account instead: packages/local-aws/scripts/conformance.js.
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { prepare } = require('../packages/local-aws/scripts/python-environment');
const { install } = require('./node-environment');

const root = join(__dirname, '..');
const node = (words, env = process.env) =>
  spawnSync(process.execPath, words, { cwd: root, env, stdio: 'inherit' }).status;

const words = process.argv.slice(2);
process.exitCode = node([join(root, 'packages', 'local-aws', 'scripts', 'conformance.js'), ...words]) ?? 1;
if (!words.includes('--real')) {
  const requirements = join(root, 'test', 'suites', 'conformance', 'requirements.txt');
  if (prepare({ requirements, tools: "the Compose specification's schema, hadolint and cfn-lint" }) === undefined)
    process.exitCode ||= 1;
  const clients = join(root, 'test', 'suites', 'conformance', 'clients.txt');
  if (prepare({ requirements: clients, tools: 'ecs-deploy and Ansible' }) === undefined) process.exitCode ||= 1;
  const cdk = install(join(root, 'examples', 'cdk'), 'the AWS CDK');
  if (cdk === undefined) process.exitCode ||= 1;
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const full = { ...process.env, CONFORMANCE: 'full', ...(cdk && { CDK_PACKAGES: cdk }) };
  process.exitCode ||= node([jest, '--selectProjects', 'conformance', '--', 'test/suites/conformance'], full) ?? 1;
  // Which npm installs then, with all that they bring.
  const packages = ['test/packaging/package', 'packages/local-aws/test/command/package'];
  process.exitCode ||= node([jest, '--selectProjects', 'integration', '--', ...packages], full) ?? 1;
}
