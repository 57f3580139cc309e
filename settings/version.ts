/** Of this release of cutover, as in package.json; workers are told apart by it. */
export const version = '0.1.0';
