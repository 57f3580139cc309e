/** One certificate authority for all tests that start a local AWS: its two RSA keys cost as much as the rest of a start. */
import { createAuthority } from '../src/acm/authority';

export const authorityVariable = 'LOCAL_AWS_TEST_AUTHORITY';

export default async function makeAuthority(): Promise<void> {
  process.env[authorityVariable] = JSON.stringify(await createAuthority(Date.now()));
}
