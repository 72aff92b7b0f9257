import { actsConformance } from './ledger/acts.conformance.ts'
import { lifeConformance } from './ledger/life.conformance.ts'
import { reopenConformance } from './ledger/reopen.conformance.ts'
import type { LedgerHome } from './ledger/stand.ts'
import { turnsConformance } from './ledger/turns.conformance.ts'

/**
 * What every ledger has to do, whatever it is made of.
 *
 * @param findHome a new, empty place each time
 */
export function ledgerConformance(name: string, findHome: () => LedgerHome): void {
  lifeConformance(name, findHome)
  turnsConformance(name, findHome)
  actsConformance(name, findHome)
  reopenConformance(name, findHome)
}
