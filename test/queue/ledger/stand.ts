import { onTestFinished } from 'vitest'
import type { Added, LeasedJob, Ledger, LedgerPolicy, NewJob, Settlement } from '../../../queue/ledger/ledger.ts'
import type { JobState } from '../../../src/contract/queue.ts'
import { batch, claim } from './batch.ts'

/** A place where one ledger lies. */
export interface LedgerHome {
  /** Open what lies there; a second time after the first was closed. */
  open(policy: LedgerPolicy): Promise<Ledger>
  /** Whether what was closed is still there when it is opened again. */
  readonly keeps: boolean
}

/** A policy under which nothing is short. */
export const ROOMY: LedgerPolicy = { perToken: 1_000, queuePerToken: 100_000, levels: 2 }

/** Open a ledger until the test is over. */
export async function openIn(home: LedgerHome, policy: Partial<LedgerPolicy> = {}): Promise<Ledger> {
  const ledger = await home.open({ ...ROOMY, ...policy })
  onTestFinished(() => ledger.close())
  return ledger
}

/** A tick that only adds. */
export const add = async (ledger: Ledger, ...jobs: NewJob[]): Promise<readonly Added[]> =>
  (await ledger.commit(batch({ add: jobs }))).added

/** A tick that only claims, with free places by level. */
export const take = async (ledger: Ledger, ...free: number[]): Promise<readonly LeasedJob[]> =>
  (await ledger.commit(batch({ claim: [claim(...free)] }))).claimed[0]!

/** A tick that only settles. */
export const settle = async (ledger: Ledger, ...settlements: Settlement[]): Promise<readonly boolean[]> =>
  (await ledger.commit(batch({ settle: settlements }))).settled

export const stateOf = async (ledger: Ledger, id: number): Promise<JobState | undefined> => (await ledger.get(id))?.state

export const idsOf = (jobs: readonly { readonly id: number }[]): number[] => jobs.map(({ id }) => id)
