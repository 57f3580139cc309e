/** Finds a call's zone and checks that its folders are that zone's: a call never decides where anything is read or written. */
import type { SharedFolders } from '../settings/platform';
import type { Settings } from '../settings/schema';
import type { HookMethod } from '../contract/hook-calls';
import { BadCall, type PlatformCall } from './parameters';

/**
 * The zone that the operator's own parameter names, else the one whose address the platform gives.
 * @throws {BadCall} when no zone fits, or more than one does
 */
export function zoneOf({ zones }: Settings, { address }: PlatformCall, named: string | undefined): string {
  if (named !== undefined) {
    if (Object.hasOwn(zones, named)) return named;
    throw new BadCall(`The URL's own parameter "zone" names none of the settings' zones: ${known(zones)}.`);
  }
  const asked = authorityOf(address);
  const found = Object.entries(zones).flatMap(([name, zone]) => {
    const isReached = [zone, ...(zone.otherListeners ?? [])].some((listener) => {
      const own = authorityOf(listener.address);
      const same = own.host === asked.host && (asked.port === null || own.port === asked.port);
      return same || listener.hosts.some((host) => host.toLowerCase() === asked.host);
    });
    return isReached ? [name] : [];
  });
  const [first, ...others] = found;
  if (first === undefined)
    throw new BadCall(
      `Address is that of none of the settings' zones: ${known(zones)}. Correct "address" there, or add &zone=NAME to the URL.`,
    );
  if (others.length > 0)
    throw new BadCall(`Address is that of the zones ${found.join(', ')}: add &zone=NAME to the URL.`);
  return first;
}

const known = (zones: Settings['zones']) => Object.keys(zones).join(', ');

/** Host and port, from a URL or from a host name with or without a port; a port that isn't given is the scheme's, or any. */
function authorityOf(address: string): { readonly host: string; readonly port: string | null } {
  const [, scheme, authority = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]*)/i.exec(address.trim()) ?? [];
  // A bare IPv6 address has no brackets, and so no port.
  const [, host = '', port] =
    /^\[?([^[\]:]*(?::[^[\]:]*){2,})\]?(?::(\d+))?$/.exec(authority) ?? /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  const usual = scheme === undefined ? null : scheme.toLowerCase() === 'https' ? '443' : '80';
  return { host: host.toLowerCase().replace(/\.$/, ''), port: port ?? usual };
}

const needed: Readonly<Record<HookMethod, readonly (keyof SharedFolders)[]>> = {
  ContainerBuild: ['target', 'result'],
  ContainerRun: ['result'],
  UpdateConfigurations: ['result'],
  ContainerRemove: ['result'],
};

const parameterOf = { target: 'TargetPath', result: 'ResultPath', config: 'ConfigPath' } as const;

/** @throws {BadCall} when a folder is not the one in the settings, or one that this call needs is missing */
export function checkFolders(method: HookMethod, call: PlatformCall, zone: string, folders: SharedFolders): void {
  const given = { target: call.targetPath, result: call.resultPath, config: call.configPath };
  for (const folder of ['target', 'result', 'config'] as const) {
    const path = given[folder];
    if (path === undefined && needed[method].includes(folder))
      throw new BadCall(`${parameterOf[folder]}: it is missing.`);
    if (path !== undefined && samePath(path) !== samePath(folders[folder].platform))
      throw new BadCall(
        `${parameterOf[folder]} is another folder than the settings' zones.${zone}.folders.${folder}.platform: make the two the same.`,
      );
  }
}

/** Windows ignores case and takes either slash, and a slash at the end means nothing. Nothing else is resolved. */
const samePath = (path: string) => path.replaceAll('\\', '/').replace(/\/+$/, '').toLowerCase();
