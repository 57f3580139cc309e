// A folder of npm packages in the user's cache, made once for a lock file.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');

const sumOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);

/**
 * The folder with the packages of another one's package.json and package-lock.json, installed if they aren't there. Without a
 * registry it is undefined, and a line on stderr says why.
 */
function install(folder, what) {
  const sum = sumOf(join(folder, 'package-lock.json'));
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cutover', `packages-${sum}`);
  if (existsSync(join(cache, 'complete'))) return cache;
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(folder, file), join(cache, file));
  console.log(`Installing ${what} into ${cache}`);
  try {
    const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
    execFileSync('npm', words, { cwd: cache, stdio: 'inherit' });
  } catch (error) {
    console.error(`\n*** NOT TESTED with ${what}: the installation failed: ${error.message}. ***\n`);
    return undefined;
  }
  writeFileSync(join(cache, 'complete'), '');
  return cache;
}

module.exports = { install };
