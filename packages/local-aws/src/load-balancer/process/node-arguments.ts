/** Node's arguments for a process that serves much traffic: short-lived objects are collected less often. */
export const proxyNodeArguments: readonly string[] = ['--min-semi-space-size=16', '--max-semi-space-size=32'];
