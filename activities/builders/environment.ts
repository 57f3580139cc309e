/** What a builder sees of the worker's environment: what programs need to run and to reach their network, and what is named. */

/** Without AWS's and cutover's own: a builder works on what others wrote. A `*` at the end stands for any ending. */
const usual = [
  'PATH PATHEXT HOME USER LOGNAME LANG LC_* TZ TMPDIR TMP TEMP XDG_*',
  'DOCKER_* BUILDX_* BUILDKIT_* CONTAINER_HOST CONTAINERS_* SSH_AUTH_SOCK SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS',
  'HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY',
  'SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC USERPROFILE USERNAME APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES*',
].flatMap((names) => names.split(' '));

/**
 * @param named further variables, as `builder.inherit` has them
 * @returns those of the environment that a builder gets, for Windows with the one that keeps it from looking for programs in the
 * folder that it runs in: https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-needcurrentdirectoryforexepatha
 */
export function builderEnvironment(environment: NodeJS.ProcessEnv, named: readonly string[]): NodeJS.ProcessEnv {
  const patterns = [...usual, ...named].map((name) => name.toUpperCase());
  // The names of proxies are written small too, and Windows takes any case.
  const isGiven = (name: string) =>
    patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
  const given = Object.entries(environment).filter(([name]) => isGiven(name.toUpperCase()));
  return { ...Object.fromEntries(given), NoDefaultCurrentDirectoryInExePath: '1' };
}
