/** The gate on alarms of CloudWatch. */
import { missing, type Reading } from './reading';

export interface AlarmState {
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Since when, ISO 8601. */
  readonly since: string;
  /** CloudWatch's words. */
  readonly reason: string;
}

/** One that rings fails the gate, whatever the others say; one that isn't there, or has no data, is missing. */
export function judgeAlarms(names: readonly string[], states: readonly AlarmState[]): Reading {
  const ringing = states.filter(({ state }) => state === 'ALARM');
  if (ringing.length > 0)
    return {
      verdict: 'fails',
      says: ringing.map(({ name, since, reason }) => `${name} rings since ${since}: ${reason}`).join('; '),
      failing: ringing.map(({ name }) => name),
    };
  const absent = names.filter((name) => states.every((one) => one.name !== name));
  if (absent.length > 0) return missing(`there is no alarm ${absent.join(', ')}`);
  const silent = states.filter(({ state }) => state === 'INSUFFICIENT_DATA').map(({ name }) => name);
  if (silent.length > 0) return missing(`${silent.join(', ')} ${silent.length === 1 ? 'has' : 'have'} no data`);
  return { verdict: 'passes', says: `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} OK` };
}
