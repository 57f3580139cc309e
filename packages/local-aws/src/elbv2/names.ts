/** The rules for the names and ports of load balancers and target groups. */
import { invalid } from './elbv2';

/**
 * Checks a name.
 * @param kind the beginning of AWS's sentence
 * @throws {AwsError} with code `ValidationError`
 */
export function checkName(kind: 'Load balancer' | 'Target group', name: string): void {
  if (name.length > 32) invalid(`${kind} name '${name}' cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    invalid(`${kind} name '${name}' can only contain characters that are alphanumeric characters or hyphens(-)`);
  }
  if (/^-|-$/.test(name)) invalid(`${kind} name '${name}' cannot begin or end with '-'`);
  if (kind === 'Load balancer' && name.startsWith('internal-'))
    invalid(`${kind} name '${name}' cannot begin with 'internal-'`);
}

/**
 * Checks a port of a listener or target.
 * @throws {AwsError} with code `ValidationError`
 */
export function checkPort(port: number): void {
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    invalid(
      `1 validation error detected: Value '${port}' at 'port' failed to satisfy constraint: Member must have value between 1 and 65535`,
    );
  }
}
