/**
 * The faults on the control port:
 * - `POST /faults` sets one of the faults in fault.ts, and answers with its id.
 * - `GET /faults` lists those that are set, and how often each struck.
 * - `DELETE /faults/ID` removes one, and `DELETE /faults` all.
 */
import type { ControlRoute } from '../control';
import { parseFault } from './fault';
import type { ActiveFault, Faults } from './faults';

export function faultRoutes(faults: Faults): ControlRoute {
  return ({ method, url, body }) => {
    const [, path, id] = url.pathname.split('/');
    if (path !== 'faults') return undefined;
    if (method === 'POST') return describe(faults.set(parseFault(body)));
    if (method === 'GET') return faults.list().map(describe);
    if (method !== 'DELETE') return undefined;
    if (!faults.remove(id)) throw new Error(`There is no fault ${id}.`);
    return faults.list().map(describe);
  };
}

function describe({ id, fault, strikes }: ActiveFault): object {
  return { id, strikes, ...fault };
}
