/** What to start Node with for a process that serves much traffic: fewer collections of short-lived objects. */
export const proxyNodeArguments: readonly string[] = ['--min-semi-space-size=16', '--max-semi-space-size=32'];
