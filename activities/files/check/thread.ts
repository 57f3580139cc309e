/** The thread in which one configuration is checked; see in-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { checkConfiguration } from './configuration';

parentPort?.postMessage(checkConfiguration(Buffer.from(workerData as Uint8Array)));
