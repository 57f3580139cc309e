/**
 * Checks the health of every target of every group in use, each at its own times, so that many checks don't come at once.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 *
 * Invariants: targets that drain aren't checked, and neither are groups to which no rule forwards. A target's next check is due
 * an interval after the last one was due, however long that took; two never run at once. Each uses a connection of its own.
 */
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthCheckConfiguration } from '../configuration';
import { scaledAnswerMs, scaledMs } from '../time';
import type { Target } from './target';
import { type Member, type TargetGroup, setHealth } from './target-group';
import { type CheckResult, checkingHealth, healthAfterCheck, parseMatcher } from './target-health';

/** A process needs this much time to answer, whatever the time scale. */
const leastTimeoutMs = 1_000;
/** The first check comes within this time after registration. */
const firstCheckWithinMs = 250;

export interface HealthChecks {
  /** Begins and ends checks as the groups require. */
  follow(groups: Iterable<TargetGroup>, timeScale: number): void;
  close(): void;
}

export function createHealthChecks(onChange: (group: TargetGroup, member: Member) => void): HealthChecks {
  const beats = new Map<Member, Beat>();
  return {
    follow(groups, timeScale) {
      const wanted = new Set<Member>();
      for (const group of groups) {
        const { inUse, healthCheck } = group.configuration;
        for (const member of group.members.values()) {
          if (!inUse || !healthCheck.enabled || member.target.drainingSince !== undefined) continue;
          wanted.add(member);
          const beat = beats.get(member);
          if (beat !== undefined) beat.timeScale = timeScale;
          else beats.set(member, startBeat({ group, member, timeScale, onChange }));
        }
      }
      for (const [member, beat] of beats) {
        if (wanted.has(member)) continue;
        stopBeat(beat);
        beats.delete(member);
      }
    },
    close() {
      for (const beat of beats.values()) stopBeat(beat);
      beats.clear();
    },
  };
}

interface Beat {
  readonly group: TargetGroup;
  readonly member: Member;
  readonly onChange: (group: TargetGroup, member: Member) => void;
  timeScale: number;
  dueAt: number;
  timer: NodeJS.Timeout | undefined;
  stopped: boolean;
}

function startBeat(parts: Pick<Beat, 'group' | 'member' | 'timeScale' | 'onChange'>): Beat {
  const intervalMs = scaledMs(parts.group.configuration.healthCheck.intervalSeconds, parts.timeScale);
  const firstMs = Math.random() * Math.min(firstCheckWithinMs, intervalMs);
  const beat: Beat = { ...parts, dueAt: Date.now() + firstMs, timer: undefined, stopped: false };
  schedule(beat);
  return beat;
}

function stopBeat(beat: Beat): void {
  beat.stopped = true;
  clearTimeout(beat.timer);
}

function schedule(beat: Beat): void {
  beat.timer = setTimeout(() => void check(beat), Math.max(0, beat.dueAt - Date.now()));
}

async function check(beat: Beat): Promise<void> {
  const { group, member } = beat;
  const { healthCheck } = group.configuration;
  move(beat, checkingHealth(member.health));
  const timeoutMs = scaledAnswerMs(healthCheck.timeoutSeconds, beat.timeScale, leastTimeoutMs);
  const result = await checkWhenWarm(member.target, healthCheck, timeoutMs);
  if (beat.stopped) return;
  move(beat, healthAfterCheck(member.health, result, healthCheck, Date.now()));
  const intervalMs = scaledMs(group.configuration.healthCheck.intervalSeconds, beat.timeScale);
  beat.dueAt = Math.max(beat.dueAt + intervalMs, Date.now());
  schedule(beat);
}

function move({ group, member, onChange }: Beat, health: Member['health']): void {
  const { state, reason, description } = member.health;
  if (health === member.health) return;
  setHealth(group, member, health);
  if (health.state !== state || health.reason !== reason || health.description !== description) onChange(group, member);
}

const timedOut = { passed: false, reason: 'Target.Timeout', description: 'Request timed out' } as const;

/** As {@link checkTarget}, for a target that may be beginning. */
async function checkWhenWarm(
  target: Target,
  healthCheck: HealthCheckConfiguration,
  timeoutMs: number,
): Promise<CheckResult> {
  const waitMs = target.warmUp?.admit(healthCheck.path) ?? 0;
  if (waitMs === 'unavailable') return judge(503, healthCheck.matcher);
  if (waitMs > 0) await sleep(Math.min(waitMs, timeoutMs), undefined, { ref: false });
  return waitMs >= timeoutMs ? timedOut : await checkTarget(target, healthCheck, timeoutMs - waitMs);
}

/** Sends one check as the load balancer does. Never rejects. */
function checkTarget(target: Target, check: HealthCheckConfiguration, timeoutMs: number): Promise<CheckResult> {
  const port = check.port === 'traffic-port' ? target.port : Number(check.port);
  const headers = { Host: `${target.address}:${port}`, 'User-Agent': 'ELB-HealthChecker/2.0', Connection: 'close' };
  return new Promise((resolve) => {
    const asked = { host: target.address, port, path: check.path, headers, agent: false };
    const outgoing = check.secure === true ? secureRequest({ ...asked, rejectUnauthorized: false }) : request(asked);
    const finish = (result: CheckResult) => {
      clearTimeout(timer);
      resolve(result);
      outgoing.destroy();
    };
    const timer = setTimeout(() => finish(timedOut), timeoutMs);
    outgoing.on('response', ({ statusCode = 0 }) => finish(judge(statusCode, check.matcher)));
    outgoing.on('error', () =>
      finish({ passed: false, reason: 'Target.FailedHealthChecks', description: 'Health checks failed' }),
    );
    outgoing.end();
  });
}

function judge(statusCode: number, matcher: string): CheckResult {
  if (parseMatcher(matcher)(statusCode)) return { passed: true };
  const description = `Health checks failed with these codes: [${statusCode}]`;
  return { passed: false, reason: 'Target.ResponseCodeMismatch', description };
}
