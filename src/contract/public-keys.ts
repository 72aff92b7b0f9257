/** Keys that verify what this gateway signs. */
export interface PublicKeySet {
  /** Each as RFC 7517, section 4 writes it, without a private half. */
  readonly keys: readonly Readonly<Record<string, string>>[]
  /** How long whoever verifies may keep them before the next key could sign, in seconds. */
  readonly cacheSeconds: number
}

export type PublicKeys = () => Promise<PublicKeySet>
