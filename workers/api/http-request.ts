/** A request before a credential was added: what `build-request` makes of a plan and its arguments, and what a passed one is. */
export interface HttpRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  /** Lower-case names. Cookies of parameters stand in `cookie`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string | null
}
