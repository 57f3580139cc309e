// Compiles the project into lib/, builds the packages, and bundles the workflows ahead, so that a worker starts without webpack.
// https://docs.temporal.io/develop/typescript/core-application#prebuilt-workflow-bundles
const { execFileSync } = require('node:child_process');
const { rmSync, writeFileSync, existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

async function build() {
  rmSync(join(root, 'lib'), { recursive: true, force: true });
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  require('../packages/local-aws/scripts/build.js');
  const workflowsPath = join(root, 'lib', 'workflows', 'index.js');
  if (!existsSync(workflowsPath)) return;
  const workflowInterceptorModules = [join(root, 'lib', 'workflows', 'tracing.js')];
  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules,
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(join(root, 'lib', 'workflow-bundle.js'), code);
}

build().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
