/** A deployment that can't be planned. The message is one sentence for the operator: what is wrong, where, what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
