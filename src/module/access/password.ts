import { randomBytes } from 'node:crypto'
import { Fault } from '../../contract/fault.ts'

/** OWASP's second choice of Argon2id parameters (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Each hash takes 19 MiB and a libuv thread, which file and name look-ups need too. */
const PLACES = 2
const MAX_WAITING = 32

/** A hash that no password fits, so that a missing account costs the same work as an existing one. */
const NOBODYS_HASH = `$argon2id$v=19$m=19456,t=2,p=1$${base64(16)}$${base64(32)}`

/** Hashes and checks passwords, a few at a time and never on the event loop. */
export interface PasswordHasher {
  /** @throws Fault `busy` when too many are waiting already */
  hash(password: string): Promise<string>
  /**
   * @param hash `undefined` when there is no such account: takes as long, and is false
   * @throws Fault `busy` when too many are waiting already
   */
  verify(hash: string | undefined, password: string): Promise<boolean>
}

/** Argon2id (RFC 9106), two at a time. The native library is loaded with the first password. */
export function createPasswordHasher(): PasswordHasher {
  const queue = createQueue()
  return {
    hash: (password) =>
      queue(async () => {
        const argon2 = await import('argon2')
        return argon2.hash(password, { ...PARAMETERS, type: argon2.argon2id })
      }),
    verify: (hash, password) => queue(async () => (await import('argon2')).verify(hash ?? NOBODYS_HASH, password)),
  }
}

function createQueue(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let free = PLACES
  return async (work) => {
    if (free > 0) free -= 1
    else await takeNumber(waiting)
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}

function takeNumber(waiting: (() => void)[]): Promise<void> {
  if (waiting.length >= MAX_WAITING) {
    throw new Fault('busy', 'Too many sign-ins are being checked right now. Try again in a few seconds.', { retryAfterMs: 2_000 })
  }
  return new Promise((resolve) => waiting.push(resolve))
}

function base64(sizeBytes: number): string {
  return randomBytes(sizeBytes).toString('base64').replaceAll('=', '')
}
