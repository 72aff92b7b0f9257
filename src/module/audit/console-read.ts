/** What tells whether a call was a page of the console, reading to show itself. */
interface Told {
  readonly transport: string
  readonly kind: string
  readonly effect: string
  readonly outcome?: string | undefined
}

/**
 * Whether a call was only a page of the console that showed itself to somebody. It is recorded like any other, but would bury in lists and
 * counts what agents do. One that failed is no such thing.
 */
export const isConsoleRead = ({ transport, kind, effect, outcome = 'ok' }: Told): boolean =>
  transport === 'web' && kind === 'operation' && effect === 'read' && outcome === 'ok'
