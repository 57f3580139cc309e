/** A service's events: what the scheduler says it did, in AWS's words. The newest first, at most 100. */
import { randomUUID } from 'node:crypto';
import type { Ecs } from '../ecs';
import type { Service } from '../state';

/** `message` is what follows `(service NAME) `. */
export function addEvent(ecs: Ecs, service: Service, message: string): void {
  const event = { id: randomUUID(), createdAt: ecs.now(), message: `(service ${service.name}) ${message}` };
  service.events = [event, ...service.events].slice(0, 100);
  ecs.changed();
}

/** The same, unless it is what was said last. */
export function addEventOnce(ecs: Ecs, service: Service, message: string): void {
  if (service.events[0]?.message !== `(service ${service.name}) ${message}`) addEvent(ecs, service, message);
}
