import { findFreePort, isFree } from '../src/processes/ports';

/**
 * Below the ports that systems give to clients, and to servers on any free port, and beside those of stacks: one that a test
 * lets go for a moment, to start its process again, is nobody else's meanwhile.
 */
const ofTests = { from: 10_000, to: 19_999 };

/** A port of loopback that is free at this moment. */
export const freePort = (): Promise<number> => findFreePort(ofTests, isFree);
