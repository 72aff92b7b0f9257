import type BetterSqlite3 from 'better-sqlite3'

/** A ledger's file, for whoever looks after it. */
interface WatchedFile {
  /** As stores are named, `queue.<lane>`. */
  readonly name: string
  /** A file, or `:memory:`. */
  readonly path: string
  readonly raw: BetterSqlite3.Database
}

/** Looks after one ledger's file as after every store: how long its writes take, how many fail, whether it takes any. */
export interface FileWatch {
  /** Measure one write. */
  time<T>(write: () => T): T
  /** The file is about to be closed. */
  end(): void
}

/** Begin to look after a file. */
export type WatchFile = (file: WatchedFile) => FileWatch

/** For ledgers that nobody looks after. */
export const unwatched: WatchFile = () => ({ time: (write) => write(), end: () => {} })
