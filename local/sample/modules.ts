/**
 * How an OutSystems application answers, as far as it matters to a deployment: the modules' front pages, pings, a slow page,
 * uploads, and static files. It is the same in a container and on the Platform Server, except for the word that names which of them
 * answered. It becomes part of the sample bundles: nothing but Node's own modules may be imported here.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** An application as one process serves it. */
export interface ServedApplication {
  readonly application: string;
  readonly version: string;
  readonly modules: readonly string[];
  /** The task's ID, or `platform-server`. */
  readonly task: string;
  readonly servedBy: 'container' | 'platform-server';
  /** The value of the key `Greeting` in its `App.config`; empty without one. */
  readonly configuration: string;
  readonly broken?: Breakage;
  /** Reads a file in the module's folder; undefined when there is none. */
  readonly readStatic?: (module: string, file: string) => Buffer | undefined;
}

/** The ways in which a sample can be made to fail. */
export type Breakage =
  | { readonly kind: 'never-healthy' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'module'; readonly module: string }
  | { readonly kind: 'errors'; readonly percent: number };

/** The line that a `/slow` page writes over and over, and how often. */
const slowLine = 'still working\n';
const slowEveryMs = 100;
const longestSlowMs = 600_000;
/** A static file's name in a URL: without a folder, an escape or a leading dot. */
const fileName = /^\w[\w.-]*$/;

/**
 * Answers one request, with 404 where no application has the module. Paths compare without case, as IIS compares them.
 * @param find the application that a module (in lower case) belongs to
 */
export function answer(
  find: (module: string) => ServedApplication | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const found = findModule(find, request.url);
  const refuse = (status: number, text: string): void => {
    request.resume();
    sendText(response, status, text);
  };
  if (found === undefined) return refuse(404, 'Not found\n');
  const { served, module, page, file, query } = found;
  if (fails(served, module, page)) return refuse(500, `${module} of ${served.application} is broken\n`);
  if (page === 'upload' && request.method === 'POST') return receive(request, response, found);
  request.resume();
  if (page === '') return sendText(response, 200, describe(served, module), 'application/json');
  if (page === '_ping.aspx') return sendText(response, 200, 'OK\n');
  if (page === 'slow') return sendSlowly(response, describe(served, module), slowMs(query));
  const content = fileName.test(file) ? served.readStatic?.(module, file) : undefined;
  return content === undefined ? sendText(response, 404, 'Not found\n') : sendText(response, 200, content);
}

/** What a request asks for. */
export interface Asked {
  readonly served: ServedApplication;
  /** As the application spells it. */
  readonly module: string;
  /** In lower case; empty for the front page. */
  readonly page: string;
  /** The page as the request spells it. */
  readonly file: string;
  readonly query: string;
}

/** Finds what a URL means; undefined where no application has it. */
export function findModule(
  find: (module: string) => ServedApplication | undefined,
  url: string | undefined,
): Asked | undefined {
  const [path = '', query = ''] = (url ?? '/').split('?', 2);
  const [, name = '', file = '', ...rest] = path.split('/');
  const served = find(name.toLowerCase());
  const module = served?.modules.find((each) => each.toLowerCase() === name.toLowerCase());
  if (served === undefined || module === undefined || rest.length > 0) return undefined;
  return { served, module, page: file.toLowerCase(), file, query };
}

/**
 * Closes a server without cutting a request short: it takes no new connections, ends each one it has after the answer that is
 * under way, and is closed when the last one has ended.
 */
export async function closeGracefully(server: Server): Promise<void> {
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.setHeader('Connection', 'close');
  });
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  await closed;
  clearInterval(sweep);
}

/** Takes a whole upload, and answers with how many bytes it had. */
function receive(request: IncomingMessage, response: ServerResponse, { served, module }: Asked): void {
  let received = 0;
  request.on('data', (chunk: Buffer) => (received += chunk.length));
  request.on('end', () => {
    const answered = { ...(JSON.parse(describe(served, module)) as object), received };
    sendText(response, 200, `${JSON.stringify(answered)}\n`, 'application/json');
  });
}

/** The page of a module that says who serves it. */
export function describe(served: ServedApplication, module: string): string {
  const { application, version, task, servedBy, configuration } = served;
  return `${JSON.stringify({ application, module, version, task, servedBy, configuration })}\n`;
}

let frontPages = 0;

/** Whether this request is one that fails. A percentage is spread evenly, so that it holds over any stretch of requests. */
function fails({ broken }: ServedApplication, module: string, page: string): boolean {
  if (broken?.kind === 'never-healthy') return page.toLowerCase() === '_ping.aspx';
  if (broken?.kind === 'module') return broken.module.toLowerCase() === module.toLowerCase();
  if (broken?.kind !== 'errors' || page !== '') return false;
  frontPages += 1;
  const errorsUntil = (count: number): number => Math.floor((count * broken.percent) / 100);
  return errorsUntil(frontPages) > errorsUntil(frontPages - 1);
}

function slowMs(query: string): number {
  const asked = Number(new URLSearchParams(query).get('ms') ?? 1000);
  return Number.isFinite(asked) ? Math.min(Math.max(asked, 0), longestSlowMs) : 0;
}

function sendText(response: ServerResponse, status: number, body: string | Buffer, type = 'text/plain'): void {
  const headers = { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
}

/** Streams for that time. The length is announced and the last line is `end`, so that an answer cut short is noticed. */
function sendSlowly(response: ServerResponse, first: string, ms: number): void {
  const lines = Math.ceil(ms / slowEveryMs);
  const length = Buffer.byteLength(first) + lines * slowLine.length + 'end\n'.length;
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': length });
  response.write(first);
  const startedAt = performance.now();
  let written = 0;
  const writeDue = (): void => {
    const elapsedMs = performance.now() - startedAt;
    const due = elapsedMs >= ms ? lines : Math.min(lines, Math.floor(elapsedMs / slowEveryMs));
    if (due > written) response.write(slowLine.repeat(due - written));
    written = due;
    if (elapsedMs < ms) return;
    clearInterval(timer);
    response.end('end\n');
  };
  const timer = setInterval(writeDue, slowEveryMs / 2);
  response.on('close', () => clearInterval(timer));
}
