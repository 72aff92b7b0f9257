import type { Meter } from '../../contract/meter.ts'
import type { CallJournal } from './call-journal.ts'

/** Declare what is measured of the call records. */
export function measureAudit(meter: Meter, journal: CallJournal): void {
  meter.gauge('gatehouse_audit_journal_links', 'Links of the audit chain that wait in the journal for the database.', [], () => [
    { labels: {}, value: journal.waiting },
  ])
  meter.tally(
    'gatehouse_audit_commits_total',
    'Transactions that brought links of the audit chain into the database.',
    [],
    () => [{ labels: {}, value: journal.commits }],
  )
}
