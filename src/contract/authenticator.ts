import type { Caller } from './caller.ts'

/** A fresh web session: the cookie's value and the CSRF token that every form of it carries. */
export interface SignedIn {
  readonly cookie: string
  readonly caller: Caller
}

/** What a session cookie stands for. */
export interface Session {
  readonly caller: Caller
  /** Expected back in the `_csrf` field or the `X-CSRF-Token` header of everything that changes something. */
  readonly csrf: string
}

/** Who a credential belongs to. The one place where credentials are judged; transports only carry them. */
export interface Authenticator {
  /**
   * A bearer token (RFC 6750). Not a promise where the answer is cached.
   *
   * @throws Fault `unauthorized`, saying whether it is unknown, expired or revoked only in the server log
   */
  bearer(token: string): Caller | Promise<Caller>
  /** A session cookie's value; `undefined` when there is no such live session. */
  session(cookie: string): Session | undefined | Promise<Session | undefined>
  /** @throws Fault `unauthorized` for a wrong name or password, `rate_limited` while locked */
  signIn(name: string, password: string, address: string): Promise<SignedIn>
  signOut(cookie: string): Promise<void>
}
