import type { FaultCode } from '../../src/contract/fault.ts'

/** Why a backend does not run something, in a sentence with a way out. The frame makes a verdict of it. */
export class BackendRefusal extends Error {
  override readonly name = 'BackendRefusal'
  readonly code: FaultCode

  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
