/**
 * Identities on the control port: `POST /identities` with `{ "users": { "<access key>": { "policies": […] } }, "roles": { "<name>":
 * { "policies": […] } } }`; each replaces the one of its key or name. `GET /identities` lists them.
 */
import type { ControlRoute } from '../control';
import { setIdentities, type Identities, type IamState } from './identities';

export function identityRoutes(state: IamState, stored: () => Promise<void>): ControlRoute {
  return async ({ method, url, body }) => {
    if (url.pathname !== '/identities') return undefined;
    if (method === 'POST') {
      setIdentities(state, JSON.parse(body) as Identities);
      await stored();
    }
    return { users: state.users, roles: state.roles };
  };
}
