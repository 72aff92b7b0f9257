import type { Caller, CallerRef } from './caller.ts'

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

/** What somebody without an account sends to get one. */
export interface JoinRequest {
  readonly name: string
  readonly password: string
  readonly email?: string
  /** The invitation's secret (`si_…`); without it, registration must be open. */
  readonly invitation?: string
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
  /** Who a reference stands for, with the rights of this moment; `undefined` once it is gone, revoked, disabled or expired. */
  find(ref: CallerRef): Promise<Caller | undefined>
  /** @throws Fault `unauthorized` for a wrong name or password, `rate_limited` while locked */
  signIn(name: string, password: string, address: string): Promise<SignedIn>
  signOut(cookie: string): Promise<void>
  /**
   * Make an account by invitation, or freely where registration is open, and sign in to it.
   *
   * @throws Fault `forbidden` without a valid invitation, `invalid` for a name or password that will not do, `conflict` for a
   * name that is taken, `rate_limited` for too many tries from one address
   */
  join(request: JoinRequest, address: string): Promise<SignedIn>
}
