/** Whose request it is; behind a proxy the proxy's. */
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

export const addressOf = (context: Context): string => getConnInfo(context).remote.address ?? '';
