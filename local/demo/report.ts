/** What the demo ends with: a table for people, one line of JSON for programs. */
import Table from 'cli-table3';

export interface Requests {
  readonly sent: number;
  readonly failed: number;
}

export interface DeploymentReport {
  readonly application: string;
  readonly strategy: string;
  readonly image: string;
  readonly outcome: string;
  readonly seconds: number;
  /** Seconds by phase. */
  readonly phases: Readonly<Record<string, number>>;
  /** Those sent while it ran, and until a moment after. */
  readonly requests: Requests;
  /** Calls that the local AWS answered meanwhile, by `service:Operation`. */
  readonly awsCalls: Readonly<Record<string, number>>;
  readonly historyEvents: number;
}

/** Who answered for an application, one after the other. */
export interface AnsweredBy {
  readonly application: string;
  readonly who: string;
  /** Milliseconds since the epoch, of the first and the last answer. */
  readonly first: number;
  readonly last: number;
  readonly answers: number;
}

export interface DemoReport {
  readonly deployments: readonly DeploymentReport[];
  readonly requests: Requests;
  readonly answeredBy: readonly AnsweredBy[];
  /** The first failures, in words. */
  readonly failures: readonly string[];
}

/** Whether every deployment was completed, and no request failed. */
export function succeeded({ deployments, requests }: DemoReport, wanted: number): boolean {
  const completed = deployments.filter(({ outcome }) => outcome === 'completed').length;
  return completed === wanted && requests.failed === 0 && requests.sent > 0;
}

export function describeReport(report: DemoReport): string {
  const { requests, failures } = report;
  return [
    table(
      ['deployment', 'seconds', 'by phase', 'requests', 'failed', 'AWS calls', 'events'],
      report.deployments.map(row),
    ),
    table(['application', 'answered by', 'from', 'to', 'answers'], report.answeredBy.map(answeredRow)),
    ...failures.map((failure) => `  ${failure}`),
    `${requests.sent} requests, ${requests.failed} failed`,
  ].join('\n');
}

function row({
  application,
  strategy,
  image,
  outcome,
  seconds,
  phases,
  requests,
  awsCalls,
  historyEvents,
}: DeploymentReport): string[] {
  const named = Object.entries(phases).map(([phase, took]) => `${phase} ${took.toFixed(1)}`);
  const calls = Object.entries(awsCalls).toSorted(([, one], [, other]) => other - one);
  return [
    `${application}\n${strategy}\n${image}\n${outcome}`,
    seconds.toFixed(1),
    named.join('\n'),
    String(requests.sent),
    String(requests.failed),
    calls.map(([name, count]) => `${count} ${name.split(':').at(-1)}`).join('\n'),
    String(historyEvents),
  ];
}

function answeredRow({ application, who, first, last, answers }: AnsweredBy): string[] {
  return [application, who, clock(first), clock(last), String(answers)];
}

function table(head: string[], rows: string[][]): string {
  const style = { head: [], border: [], compact: false };
  const made = new Table({ head, style });
  made.push(...rows);
  return made.toString();
}

/** The time of day, in UTC, with tenths of a second. */
function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 21);
}
