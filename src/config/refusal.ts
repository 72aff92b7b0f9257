/** Why the gateway does not start: one sentence for an operator that names variable or file, what was expected, and the way out. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}
