/** Who uses what a text refers to. */
export interface SecretUser {
  /** The thing, as a person looks for it: `upstream github`. */
  readonly by: string
  /** Where within it: `env GITHUB_TOKEN`. */
  readonly field: string
}

/** One place in the house that refers to a secret. */
export interface SecretUse extends SecretUser {
  /** Name of the secret. */
  readonly name: string
}

/** What a text became, and which parts of it must never be shown. */
export interface ResolvedText {
  readonly value: string
  readonly secrets: readonly string[]
}

/**
 * The values that texts of the configuration refer to.
 *
 * `secret:<name>`, `env:NAME`, `file:/path` and `command:["program", "argument"]` as a whole text, or within one as `${secret:<name>}` and so
 * on. `literal:…` stands for what follows it. See `asset/docs/secrets.md`.
 */
export interface Secrets {
  /**
   * Look up every reference of a text, anew each time. What comes out is known to the scrubber from then on.
   *
   * @throws Fault `unavailable`, naming field and reference and never a value
   */
  resolve(text: string, user: SecretUser): Promise<ResolvedText>
  /**
   * The variables of a file of lines `NAME=value`, as dotenv has them. What looks like a secret is known to the scrubber from then on; the rest are
   * words that stand elsewhere as well.
   *
   * @throws Fault `unavailable`
   */
  variables(path: string, user: SecretUser): Promise<Readonly<Record<string, ResolvedText>>>
  /** Run a program without a shell for the one line that it prints. @throws Fault `unavailable` */
  run(argv: readonly string[], user: SecretUser): Promise<ResolvedText>
  /**
   * Say what somebody refers to, whether it is looked up now or not, so that it is not removed under them; replaces what they said before.
   *
   * @param texts field → text; without any, they refer to nothing any more
   * @throws Fault `invalid` for a reference that cannot be read
   */
  declare(by: string, texts: Readonly<Record<string, string>>): void
}
