/** What people read before a runbook starts: everything that it would create, change and delete, in its order. */
import type { Serving } from '../observed/blue';

export interface Change {
  readonly action: 'create' | 'change' | 'delete';
  /** AWS's noun for it, e.g. `listener rule`. */
  readonly what: string;
  readonly name: string;
  /** One fact a line; a line that begins with `+` or `-` is new or goes. */
  readonly details: readonly string[];
}

/** A quota, before and at the widest moment of the deployment. */
export interface Budget {
  readonly what: string;
  readonly used: number;
  readonly atMost: number;
  readonly limit: number;
}

export interface DeploymentPreview {
  readonly zone: string;
  readonly application: string;
  /** `null` where what serves bears none: a removal from the Platform Server. */
  readonly image: string | null;
  readonly modules: readonly string[];
  readonly live: Serving;
  /** Whether what it would put in place is live already, so that it would change nothing that anybody notices. */
  readonly upToDate: boolean;
  /** What people should know before the list; `null` when nothing. */
  readonly note: string | null;
  readonly changes: readonly Change[];
  /** What another tool's rules caught beside the modules, and no longer will, a pattern a line. */
  readonly stopsCatching: readonly string[];
  /** Rules of others that win requests for the modules which no probe sees, a sentence a rule. Default: none. */
  readonly unseenRequests?: readonly string[];
  /** Rules of the load balancer's other listeners that lead to the Platform Server, a sentence a rule. Default: none. */
  readonly leftBehind?: readonly string[];
  /** Who must approve it, and when its cut may begin, a sentence each. Default: whoever reaches Temporal, at any time. */
  readonly approvals?: readonly string[];
  /** The names of the gates that it is judged by. Default: none. */
  readonly gates?: readonly string[];
  readonly budgets: readonly Budget[];
}
