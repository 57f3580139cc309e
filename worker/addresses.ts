/** Addresses to listen on, as options and variables give them. */

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `0.0.0.0:9464` or `[::]:9464`. @throws {Error} when it is neither, with what was expected */
export function parseAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(text) ?? [];
  const [host, port] = [bracketed ?? plain, Number(digits)];
  if (host === undefined || !(port <= 65_535))
    throw new Error(`${text} is no address to listen on: expected host and port, such as 0.0.0.0:9464.`);
  return { host, port };
}
