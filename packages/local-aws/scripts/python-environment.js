// A virtual environment of Python in the user's cache, made once for a requirements file.
const { execFileSync, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');

/**
 * The folder of the virtual environment with the packages of a requirements file, made if it doesn't exist. Without Python or a
 * network it is undefined, and a line on stderr says why.
 */
function prepare({ requirements, tools }) {
  const missing = (why) => console.error(`\n*** NOT TESTED with ${tools}: ${why}. ***\n`);
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  // test/conformance/python.ts has the same path.
  const venv = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'local-aws', `conformance-${hash}`);
  if (existsSync(join(venv, 'complete'))) return venv;
  const python = ['python3', 'python'].find(
    (name) => spawnSync(name, ['-c', 'import venv, sys; assert sys.version_info >= (3, 9)']).status === 0,
  );
  if (python === undefined) return missing('Python 3.9 or later, with venv, is not on PATH');
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(venv, { recursive: true });
  console.log(`Installing ${tools} into ${venv}`);
  try {
    execFileSync(python, ['-m', 'venv', venv], { stdio: 'inherit' });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    execFileSync(join(venv, 'bin', 'python'), pip, { stdio: 'inherit' });
  } catch (error) {
    return missing(`the installation failed: ${error.message}`);
  }
  writeFileSync(join(venv, 'complete'), '');
  return venv;
}

module.exports = { prepare };
