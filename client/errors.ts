/** How a command says that something can't be done: one sentence for people. */

/** Something a person asked for can't be done; the message is one sentence. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** No worker answers now, or Temporal itself doesn't. What was asked about goes on by itself as soon as one does. */
export class Unanswered extends Refused {
  /** @param goesOn when the deployment does, in words */
  constructor(
    message: string,
    readonly goesOn = 'as soon as one is there',
  ) {
    super(message);
  }
}
