import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again while the server is away: whoever waits for a deployment is a client like any other. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const away = /UNAVAILABLE|DEADLINE_EXCEEDED|Failed to (describe|query)|unavailable|connect/i.test(String(error));
      if (!away || tries > 300) throw error;
      await sleep(200);
    }
  }
}
