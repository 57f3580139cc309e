/** A service's events: what the scheduler did, in AWS's words. The newest come first, and there are at most 100. */
import { randomUUID } from 'node:crypto';
import type { Ecs } from '../ecs';
import type { Service } from '../state';

/** @param message the part after `(service NAME) ` */
export function addEvent(ecs: Ecs, service: Service, message: string): void {
  const event = { id: randomUUID(), createdAt: ecs.now(), message: `(service ${service.name}) ${message}` };
  service.events = [event, ...service.events].slice(0, 100);
  ecs.changed();
}

/** Adds an event, unless it is the same as the last one. */
export function addEventOnce(ecs: Ecs, service: Service, message: string): void {
  if (service.events[0]?.message !== `(service ${service.name}) ${message}`) addEvent(ecs, service, message);
}
