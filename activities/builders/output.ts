/** What a builder printed, as people may see it: the end of it, on one line of plain text, without secrets. */
import { stripVTControlCharacters } from 'node:util';

const secretName =
  /SECRET|PASSWORD|PASSWD|PASSPHRASE|TOKEN|CREDENTIAL|PRIVATE|_KEY|APIKEY|(?:^|_)(?:AUTH|CONN|CONNECTION|DSN|PASS|PAT|PIN|PWD)(?:_|$)/i;
/** The folder in which a shell works. */
const harmless = 'PWD';
const shortestSecret = 6;
const longestText = 1_200;

/** As it is, and as headers and files carry it. */
const formsOf = (value: string): string[] =>
  [value, Buffer.from(value).toString('base64'), encodeURIComponent(value)].map((form) => form.replace(/=+$/, ''));

/** @param environment the builder's: the values of variables whose names sound like secrets are replaced by `***` */
export function formatOutput(output: string, environment: NodeJS.ProcessEnv): string {
  const secrets = Object.entries(environment)
    .flatMap(([name, value = '']) =>
      name !== harmless && secretName.test(name) && value.length >= shortestSecret ? formsOf(value) : [],
    )
    .toSorted((one, other) => other.length - one.length);
  const told = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), stripVTControlCharacters(output));
  const lines = told.split(/[\r\n]+/).map((line) => line.replace(/\p{Cc}/gu, ' ').trim());
  return lines
    .filter((line) => line !== '')
    .join(' | ')
    .slice(-longestText);
}

/**
 * Whether Amazon ECR refused a push because its repository has this tag, which may not be moved.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export function isThereAlready(
  output: string,
  { repository, tag }: { readonly repository: string; readonly tag: string },
): boolean {
  const refusal = `The image tag '${tag}' already exists in the '${repository}' repository and cannot be overwritten`;
  return output.includes(refusal);
}

const loginWanted =
  /no basic auth credentials|\bunauthorized: (?:authentication|access|incorrect)|authorization token has expired|requested access to the resource is denied|may require 'docker login'/i;

/** Whether a registry asked for a login, in the words of Docker's command line and of podman's. */
export const wantsLogin = (output: string): boolean => loginWanted.test(output);

/** The digest that `docker push` reports, or that a builder prints alone on its last line; `null` when there is neither. */
export function digestIn(output: string): string | null {
  const pushed = [...output.matchAll(/\bdigest: (sha256:[0-9a-f]{64}) size:/g)].at(-1)?.[1];
  const last = output.trimEnd().split(/\r?\n/).at(-1)?.trim() ?? '';
  return pushed ?? /^(?:\S+@)?(sha256:[0-9a-f]{64})$/.exec(last)?.[1] ?? null;
}
