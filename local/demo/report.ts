/** What the demo ends with: a table for people, one line of JSON for programs. */
import Table from 'cli-table3';
import { printableLine } from '../../terminal/printable';

/** Numbers of requests. */
export interface Requests {
  readonly sent: number;
  readonly failed: number;
}

/** One deployment in the demo's JSON. */
export interface DeploymentReport {
  /** The title of its act, e.g. `Orders 1.4.2`. */
  readonly title: string;
  readonly application: string;
  readonly strategy: string;
  /** `null` for a runbook that deploys none. */
  readonly image: string | null;
  readonly outcome: string;
  readonly seconds: number;
  /** Seconds by phase. */
  readonly phases: Readonly<Record<string, number>>;
  /** Those sent from its begin until just after its end. */
  readonly requests: Requests;
  /** How many calls the local AWS answered meanwhile, by `service:Operation`. */
  readonly awsCalls: Readonly<Record<string, number>>;
  readonly historyEvents: number;
}

/** A stretch of time in which one release answered for an application. */
export interface AnsweredBy {
  readonly application: string;
  /** What answered and its version, e.g. `container 1.4.2`. */
  readonly who: string;
  /** Milliseconds since the epoch, of the first and the last answer. */
  readonly first: number;
  readonly last: number;
  readonly answers: number;
}

/** The JSON that the demo ends with. */
export interface DemoReport {
  readonly deployments: readonly DeploymentReport[];
  readonly requests: Requests;
  readonly answeredBy: readonly AnsweredBy[];
  /** A sentence for each of the first failures. */
  readonly failures: readonly string[];
}

/** Whether as many deployments as wanted were completed, and no request failed. */
export function succeeded({ deployments, requests }: DemoReport, wanted: number): boolean {
  const completed = deployments.filter(({ outcome }) => outcome === 'completed').length;
  return completed === wanted && requests.failed === 0 && requests.sent > 0;
}

/** The report as tables for people. */
export function formatReport(report: DemoReport): string[] {
  const { deployments, requests, failures } = report;
  const names = deployments.map(({ title }) => title);
  return [
    ...table(
      ['deployment', 'strategy', 'outcome', 'seconds', 'requests', 'failed', 'history events'],
      deployments.map(row),
    ),
    ...table(
      ['seconds by phase', ...names],
      across(
        deployments,
        ({ phases }) => phases,
        (seconds) => seconds.toFixed(1),
      ),
    ),
    ...table(
      ['AWS calls', ...names],
      across(deployments, ({ awsCalls }) => awsCalls, String),
    ),
    ...table(['application', 'answered by', 'from', 'to', 'answers'], report.answeredBy.map(answeredRow)),
    ...failures.map((failure) => `  ${failure}`),
    `${requests.sent} requests, ${requests.failed} failed`,
  ];
}

function row({ title, strategy, outcome, seconds, requests, historyEvents }: DeploymentReport): string[] {
  const counts = [requests.sent, requests.failed, historyEvents].map(String);
  return [title, strategy, outcome, seconds.toFixed(1), ...counts];
}

/** A row for each name that any of the deployments has a number under, a column for each deployment. */
function across(
  deployments: readonly DeploymentReport[],
  numbersOf: (deployment: DeploymentReport) => Readonly<Record<string, number>>,
  write: (number: number) => string,
): string[][] {
  const names = new Set(deployments.flatMap((deployment) => Object.keys(numbersOf(deployment))));
  return [...names].map((name) => [
    name,
    ...deployments.map(numbersOf).map((numbers) => (numbers[name] === undefined ? '' : write(numbers[name]))),
  ]);
}

function answeredRow({ application, who, first, last, answers }: AnsweredBy): string[] {
  return [application, who, clock(first), clock(last), String(answers)];
}

/** Columns of numbers are aligned to the right. */
function table(head: string[], rows: string[][]): string[] {
  const numbers = head.map((_, column) => column > 0 && rows.every((cells) => /^[\d.:]*$/.test(cells[column] ?? '')));
  const made = new Table({
    head,
    colAligns: numbers.map((isNumber) => (isNumber ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  made.push(...rows.map((cells) => cells.map(printableLine)));
  return made.toString().split('\n');
}

/** The time of day, in UTC, with tenths of a second. */
function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 21);
}
