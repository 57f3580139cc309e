/** Other listeners of a zone's load balancer by which users come to the Platform Server. */
import { finding, type Finding } from '../doctor';
import { findLeftBehind, type LeftBehindQuestion } from '../observed/left-behind';
import { routeRules } from '../routing/rule-set';
import type { KnownModules } from './clashes';

/** One warning a rule, however many applications the Platform Server still serves. */
export function findUsersLeftBehind(
  applications: readonly KnownModules[],
  seen: Omit<LeftBehindQuestion, 'paths'>,
): Finding[] {
  const { rules } = seen.liveListener;
  const staying = applications.filter(({ identity }) => routeRules(rules, identity, 'live').length === 0);
  const modules = staying.flatMap((known) => known.modules);
  // Without any the first publish tells the modules: a rule that takes every path takes theirs.
  const names = modules.length > 0 || staying.length === 0 ? modules : ['<Module>'];
  const found = findLeftBehind({ ...seen, paths: names.map((module) => `/${module}`) });
  return found.map(({ says, next }) => finding({ check: 'other listeners', state: 'warning', says, next }));
}
